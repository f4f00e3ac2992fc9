"""Wrong answers to u06_rnn_lstm that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception


def wrong(exercise: str, id_: str, hint: str, *edits: tuple[str, str]) -> Misconception:
    """Return a misconception of an exercise as edits of its solution cell."""
    return Misconception(id=id_, exercise=exercise, hint=hint, edits=edits)


POSITION = "position = {character: i for i, character in enumerate(vocab)}"
ENCODED = "np.array([position[character] for character in text], dtype=np.int64)"
TEXT = (
    wrong(
        "encode",
        "encode_sorts",
        "Your numbers are positions in the sorted vocabulary. Take the vocabulary in the order it comes in.",
        ("enumerate(vocab)", "enumerate(sorted(vocab))"),
    ),
    wrong(
        "encode",
        "encode_from_one",
        "All your numbers are 1 too large: positions start at 0.",
        ("enumerate(vocab)", "enumerate(vocab, 1)"),
    ),
    wrong(
        "encode",
        "encode_find",
        "An unknown character gets the number −1, which later means the last character: `find` does not complain. Use `index` or a dictionary.",
        ("position[character]", "vocab.find(character)"),
    ),
    wrong(
        "encode",
        "encode_skips",
        "You leave out characters that the vocabulary lacks; then the text gets shorter and nobody notices. Raise an exception.",
        ("for character in text]", "for character in text if character in position]"),
    ),
    wrong(
        "encode",
        "encode_default",
        "An unknown character silently gets the number 0. Raise an exception.",
        ("position[character]", "position.get(character, 0)"),
    ),
    wrong(
        "encode",
        "encode_floats",
        "For the empty text you return an array of floats, since NumPy cannot know better. Say dtype=np.int64.",
        (", dtype=np.int64)", ")"),
    ),
    wrong(
        "encode",
        "encode_bytes",
        "Your numbers are bytes (uint8), which end at 255: a vocabulary with more characters does not fit. Say dtype=np.int64.",
        ("np.array([position[character] for character in text], dtype=np.int64)", "np.array([position[character] for character in text]).astype(np.uint8)"),
    ),
    wrong(
        "encode",
        "encode_first_come",
        "You number the characters in the order in which the text brings them. The numbers are positions in vocab.",
        ("enumerate(vocab)", "enumerate(dict.fromkeys(text))"),
    ),
    wrong(
        "encode",
        "encode_ord",
        "Your numbers are the computer's character codes. Asked for is the position in the vocabulary.",
        ("position[character]", "ord(character)"),
    ),
    wrong(
        "encode",
        "decode_sorts",
        "decode looks positions up in the sorted vocabulary. Take the vocabulary in the order it comes in.",
        ('"".join(vocab[i] for i in ids)', '"".join(sorted(vocab)[i] for i in ids)'),
    ),
    wrong(
        "encode",
        "decode_list",
        'decode returns a list of characters; asked for is one string. `"".join(…)` glues them together.',
        ('"".join(vocab[i] for i in ids)', "[vocab[i] for i in ids]"),
    ),
    wrong(
        "encode",
        "decode_blanks",
        "decode puts blanks between the characters: join them with the empty string.",
        ('"".join(', '" ".join('),
    ),
    wrong(
        "encode",
        "decode_strips",
        "decode loses blanks or line ends at the ends of the text: do not strip.",
        ("for i in ids)", "for i in ids).strip()"),
    ),
)

ADD_AT, ZEROS = "np.add.at(dW, x, dout)", "dW = np.zeros(shape)"
EMBEDDING = (
    wrong(
        "word_embedding_forward",
        "embedding_repeats_lost",
        "Where a token repeats, only one of its gradients is left: `dW[x] += dout` computes the right-hand side once and writes several times. Use np.add.at or a loop.",
        (ADD_AT, "dW[x] += dout"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_averaged",
        "You average the gradients of a token's places. They add up.",
        (ADD_AT, "np.add.at(dW, x, dout)\n    dW /= np.maximum(np.bincount(x.ravel(), minlength=len(dW)), 1)[:, None]"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_mean_over_batch",
        "Your dW is too small by the number of sequences: an average over the batch, if there is one, is already in dout.",
        (ADD_AT, "np.add.at(dW, x, dout / len(x))"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_last_step_only",
        "Only the tokens of the last time step get a gradient. Every place in the sequence sends one.",
        (ADD_AT, "np.add.at(dW, x[:, -1], dout[:, -1])"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_short_dw",
        "Your dW has too few rows: it must have a row for every token of the vocabulary, not only up to the largest that occurs.",
        (ZEROS, "dW = np.zeros((x.max() + 1, shape[1]))"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_ones",
        "Rows of tokens that do not occur have no gradient: start dW from zeros.",
        (ZEROS, "dW = np.ones(shape)"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_time_first",
        "The axes of out are exchanged: it is (N, T, D), as x is (N, T).",
        ("return W[x], (x, W.shape)", "return W[x].transpose(1, 0, 2), (x, W.shape)"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_flat",
        "Your output has lost the axis of the sequences: out has the shape (N, T, D).",
        ("return W[x], (x, W.shape)", "return W[x.ravel()], (x, W.shape)"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_float32",
        "Your vectors have only seven digits: you convert to float32. W is float64, and so is out.",
        ("return W[x],", "return W[x].astype(np.float32),"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_by_sequence",
        "A token that stands twice in one sequence gets only one of its gradients: `dW[x[n]] += dout[n]` adds once per token. Use np.add.at, or go on to single places.",
        ("    np.add.at(dW, x, dout)\n", "    for n in range(len(x)):\n        dW[x[n]] += dout[n]\n"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_from_one",
        "Token k gets row k − 1: tokens are numbered from 0.",
        ("return W[x], (x, W.shape)", "return W[x - 1], (x, W.shape)"),
    ),
    wrong(
        "word_embedding_forward",
        "embedding_scales_dout",
        "Your dW is right, but dout is not the same afterwards: it belongs to the caller.",
        (ADD_AT, "np.add.at(dW, x, dout)\n    dout *= 0"),
    ),
)

SUM = "x @ Wx + prev_h @ Wh + b"
STEP = (
    wrong("rnn_step_forward", "step_no_tanh", "Your states are not squashed: tanh is missing.", (f"np.tanh({SUM})", f"{SUM}")),
    wrong("rnn_step_forward", "step_no_bias", "Your step ignores the bias b.", (" + b)", ")")),
    wrong(
        "rnn_step_forward",
        "step_ignores_state",
        "Your new state does not depend on the state before: prev_h·Wh is missing, so the network has no memory.",
        (" + prev_h @ Wh", ""),
    ),
    wrong("rnn_step_forward", "step_ignores_input", "Your new state does not depend on what is read: x·Wx is missing.", ("x @ Wx + ", "")),
    wrong(
        "rnn_step_forward",
        "step_wh_transposed",
        "You multiply by Whᵀ. The shapes cannot warn you, Wh is square: with examples in rows it is prev_h·Wh.",
        ("prev_h @ Wh", "prev_h @ Wh.T"),
    ),
    wrong(
        "rnn_step_forward",
        "step_sigmoid",
        "Your states lie between 0 and 1: you use sigmoid, the step uses tanh.",
        ("np.tanh(", "sigmoid("),
    ),
    wrong(
        "rnn_step_forward",
        "step_two_tanh",
        "You squash the two parts separately and add. tanh acts once, on the sum.",
        (f"np.tanh({SUM})", "np.tanh(x @ Wx) + np.tanh(prev_h @ Wh + b)"),
    ),
    wrong(
        "rnn_step_forward",
        "step_mixes_states",
        "You add the old state to the new one. In this network the new state replaces the old one.",
        (f"np.tanh({SUM})", f"prev_h + np.tanh({SUM})"),
    ),
    wrong(
        "rnn_step_forward",
        "step_tanh_overflow",
        "For large sums your tanh is NaN: exp overflows, and inf/inf is NaN. Use np.tanh.",
        (f"np.tanh({SUM})", f"{SUM}\n    next_h = (np.exp(next_h) - np.exp(-next_h)) / (np.exp(next_h) + np.exp(-next_h))"),
    ),
    wrong(
        "rnn_step_forward",
        "step_float32",
        "Your states have only seven digits: you convert to float32. Everything here is float64.",
        ("np.tanh(x @ Wx + prev_h @ Wh + b)", "np.tanh(x @ Wx + prev_h @ Wh + b).astype(np.float32)"),
    ),
    wrong(
        "rnn_step_forward",
        "step_relu",
        "Your states have no negative numbers: you use ReLU, the step uses tanh.",
        ("np.tanh(x @ Wx + prev_h @ Wh + b)", "np.maximum(x @ Wx + prev_h @ Wh + b, 0.0)"),
    ),
    wrong(
        "rnn_step_forward",
        "step_overwrites_state",
        "Your new state is right, but you write it into prev_h, which belongs to the caller. Make a new array.",
        ("    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)\n", "    prev_h[:] = np.tanh(x @ Wx + prev_h @ Wh + b)\n    next_h = prev_h\n"),
    ),
    wrong(
        "rnn_step_forward",
        "step_squeezed",
        "A batch of one, or a width of one, loses an axis: do not squeeze.",
        (f"np.tanh({SUM})", f"np.squeeze(np.tanh({SUM}))"),
    ),
)

DA = "da = dnext_h * (1.0 - next_h**2)"
STEP_BACK = (
    wrong(
        "rnn_step_backward",
        "step_slope_of_prev_h",
        "You take the slope of tanh from the state before, 1 − prev_h². The slope belongs to this step's tanh: 1 − next_h².",
        ("1.0 - next_h**2", "1.0 - prev_h**2"),
    ),
    wrong(
        "rnn_step_backward",
        "step_slope_of_output",
        "You put next_h into tanh once more: 1 − tanh(next_h)². But next_h is already tanh(a); the slope is 1 − next_h². For tiny states both agree.",
        ("1.0 - next_h**2", "1.0 - np.tanh(next_h) ** 2"),
    ),
    wrong(
        "rnn_step_backward",
        "step_no_slope",
        "tanh is missing on your way back: multiply dnext_h by 1 − next_h².",
        (DA, "da = dnext_h.copy()"),
    ),
    wrong(
        "rnn_step_backward",
        "step_slope_unsquared",
        "Your slope is 1 − next_h; tanh′ is 1 − tanh².",
        ("1.0 - next_h**2", "1.0 - next_h"),
    ),
    wrong(
        "rnn_step_backward",
        "step_slope_of_sigmoid",
        "Your slope next_h·(1 − next_h) is that of sigmoid. For tanh it is 1 − next_h².",
        ("(1.0 - next_h**2)", "next_h * (1.0 - next_h)"),
    ),
    wrong(
        "rnn_step_backward",
        "step_db_averaged",
        "Your db is too small by the number of examples: it is the sum over the batch. An average, if there is one, is in the loss.",
        ("da.sum(axis=0)", "da.mean(axis=0)"),
    ),
    wrong(
        "rnn_step_backward",
        "step_db_past_tanh",
        "Your db adds up dnext_h. The bias goes through tanh as well: add up da.",
        ("da.sum(axis=0)", "dnext_h.sum(axis=0)"),
    ),
    wrong(
        "rnn_step_backward",
        "step_dwh_of_next_h",
        "Your dWh uses the state after the step. Wh was multiplied by the state before: prev_hᵀ·da.",
        ("prev_h.T @ da", "next_h.T @ da"),
    ),
    wrong(
        "rnn_step_backward",
        "step_dwh_transposed",
        "Your dWh is transposed. The shapes cannot warn you, Wh is square: it is prev_hᵀ·da.",
        ("prev_h.T @ da", "da.T @ prev_h"),
    ),
    wrong(
        "rnn_step_backward",
        "step_dprev_h_transposed",
        "Your dprev_h uses Wh instead of Whᵀ. The shapes cannot warn you, Wh is square.",
        ("da @ Wh.T", "da @ Wh"),
    ),
    wrong(
        "rnn_step_backward",
        "step_dprev_h_past_tanh",
        "Your dprev_h goes back through Wh but not through tanh: use da, not dnext_h.",
        ("da @ Wh.T", "dnext_h @ Wh.T"),
    ),
    wrong(
        "rnn_step_backward",
        "step_dprev_h_identity",
        "Your dprev_h is da itself: the state before was multiplied by Wh, so the gradient is multiplied by Whᵀ.",
        ("da @ Wh.T", "da.copy()"),
    ),
    wrong(
        "rnn_step_backward",
        "step_weights_averaged",
        "Your dWx and dWh are too small by the number of examples: the batch adds up.",
        ("x.T @ da", "x.T @ da / len(x)"),
        ("prev_h.T @ da", "prev_h.T @ da / len(x)"),
    ),
    wrong(
        "rnn_step_backward",
        "step_weights_swapped",
        "You return dWh before dWx; the order is dx, dprev_h, dWx, dWh, db.",
        ("return dx, dprev_h, dWx, dWh, db", "return dx, dprev_h, dWh, dWx, db"),
    ),
    wrong(
        "rnn_step_backward",
        "step_db_over_units",
        "Your db adds up along the rows and has a number per example. It has one per unit of the state: add up over the batch, axis 0.",
        ("da.sum(axis=0)", "da.sum(axis=1)"),
    ),
    wrong(
        "rnn_step_backward",
        "step_in_place",
        "Your gradients are right, but dnext_h is changed: `*=` writes into the caller's array.",
        (DA, "dnext_h *= 1.0 - next_h**2\n    da = dnext_h"),
    ),
    wrong(
        "rnn_step_backward",
        "step_db_keeps_rows",
        "Your db has the shape (1, H); b has the shape (H,).",
        ("da.sum(axis=0)", "da.sum(axis=0, keepdims=True)"),
    ),
)

RUN = "state, step = rnn_step_forward(x[:, t], state, Wx, Wh, b)"
SEQUENCE = (
    wrong(
        "rnn_forward",
        "sequence_state_not_carried",
        "Every step starts from h0 again, so nothing is remembered: the state that leaves a step enters the next.",
        (RUN, "state, step = rnn_step_forward(x[:, t], h0, Wx, Wh, b)"),
    ),
    wrong(
        "rnn_forward",
        "sequence_h0_ignored",
        "Your states do not depend on h0: you start from zeros.",
        ("state = h0", "state = np.zeros_like(h0)"),
    ),
    wrong(
        "rnn_forward",
        "sequence_last_state",
        "You return the last state only. Asked for are the states after every step, (N, T, H).",
        ("return np.stack(states, axis=1), caches", "return state, caches"),
    ),
    wrong(
        "rnn_forward",
        "sequence_time_first",
        "Your h has the shape (T, N, H): time is axis 1, as in x.",
        ("np.stack(states, axis=1)", "np.stack(states)"),
    ),
    wrong(
        "rnn_forward",
        "sequence_with_h0",
        "Your h has a state too many: h0 is given, only the states after the steps are asked for.",
        ("np.stack(states, axis=1)", "np.stack([h0, *states], axis=1)"),
    ),
    wrong(
        "rnn_forward",
        "sequence_shifted",
        "Your states are shifted by one: you store the state before each step instead of the one after it.",
        (f"{RUN}\n        states.append(state)", f"states.append(state)\n        {RUN}"),
    ),
    wrong(
        "rnn_forward",
        "sequence_backwards",
        "You read the sequence from its end.",
        (RUN, "state, step = rnn_step_forward(x[:, x.shape[1] - 1 - t], state, Wx, Wh, b)"),
    ),
    wrong(
        "rnn_forward",
        "sequence_first_input",
        "Every step reads the same input: take x[:, t].",
        (RUN, "state, step = rnn_step_forward(x[:, 0], state, Wx, Wh, b)"),
    ),
    wrong(
        "rnn_forward",
        "sequence_loops_over_batch",
        "Your loop counts to N, the number of sequences. The steps are T, x.shape[1].",
        ("range(x.shape[1])", "range(x.shape[0])"),
    ),
    wrong(
        "rnn_forward",
        "sequence_no_bias",
        "Your sequence runs with a bias of 0: hand b on to every step.",
        (RUN, "state, step = rnn_step_forward(x[:, t], state, Wx, Wh, 0 * b)"),
    ),
)

BACK = "dx[t], future, step_Wx, step_Wh, step_b = rnn_step_backward(dh[:, t] + future, cache[t])"
ADDED = "dWx, dWh, db = dWx + step_Wx, dWh + step_Wh, db + step_b"
SEQUENCE_BACK = (
    wrong(
        "rnn_backward",
        "back_future_dropped",
        "What comes from the future never arrives: each step gets dh[:, t] alone. Add the dprev_h of the step to the right.",
        ("dh[:, t] + future", "dh[:, t]"),
    ),
    wrong(
        "rnn_backward",
        "back_above_dropped",
        "Only the gradient that enters at the last step arrives: every state also gets dh[:, t] from above.",
        ("dh[:, t] + future", "future"),
        ("future = np.zeros_like(dh[:, 0])", "future = dh[:, -1].copy()"),
    ),
    wrong(
        "rnn_backward",
        "back_weights_overwritten",
        "Your dWx, dWh and db are those of the first step alone: you assign where you should add. The same weights serve at every step.",
        (ADDED, "dWx, dWh, db = step_Wx, step_Wh, step_b"),
    ),
    wrong(
        "rnn_backward",
        "back_bias_overwritten",
        "Your db is that of the first step alone: add it up over the steps, like dWx and dWh.",
        (ADDED, "dWx, dWh, db = dWx + step_Wx, dWh + step_Wh, step_b"),
    ),
    wrong(
        "rnn_backward",
        "back_forward_loop",
        "Your loop runs from the first step to the last. Gradients run the other way: start at the last step.",
        ("for t in reversed(range(T)):", "for t in range(T):"),
    ),
    wrong(
        "rnn_backward",
        "back_dh0_zero",
        "Your dh0 is 0. It is what comes out of the first step as dprev_h.",
        ("return np.stack(dx, axis=1), future,", "return np.stack(dx, axis=1), np.zeros_like(future),"),
    ),
    wrong(
        "rnn_backward",
        "back_dh0_too_early",
        "Your dh0 is the gradient of the state after the first step: it still has to go through that step.",
        ("    for t in reversed(range(T)):\n", "    for t in reversed(range(T)):\n        entering = dh[:, t] + future\n"),
        ("return np.stack(dx, axis=1), future,", "return np.stack(dx, axis=1), entering,"),
    ),
    wrong(
        "rnn_backward",
        "back_averaged_over_time",
        "Your weight gradients are too small by the number of steps: they add up over time.",
        ("future, dWx, dWh, db", "future, dWx / T, dWh / T, db / T"),
    ),
    wrong(
        "rnn_backward",
        "back_all_gradients_everywhere",
        "Each step gets the gradients of all steps at once: take dh[:, t].",
        ("dh[:, t] + future", "dh.sum(axis=1) + future"),
    ),
    wrong(
        "rnn_backward",
        "back_wrong_step",
        "The first cache meets the last gradient: the two lists run in opposite directions.",
        ("cache[t])", "cache[T - 1 - t])"),
    ),
    wrong(
        "rnn_backward",
        "back_dx_reversed",
        "Your dx runs backwards in time: you appended from the last step on. Turn it round, or write to dx[:, t].",
        ("np.stack(dx, axis=1)", "np.stack(dx[::-1], axis=1)"),
    ),
    wrong(
        "rnn_backward",
        "back_clips",
        "You clip large gradients on their way back. Clipping is another exercise: here they pass as they are.",
        ("rnn_step_backward(dh[:, t] + future,", "rnn_step_backward(np.clip(dh[:, t] + future, -5.0, 5.0),"),
    ),
    wrong(
        "rnn_backward",
        "back_truncated",
        "In a long sequence the gradient does not come back to the first step: you cut it off after a few steps. Carry it all the way.",
        ("dh[:, t] + future", "dh[:, t] + (future if (T - t) % 5 else 0.0)"),
    ),
    wrong(
        "rnn_backward",
        "back_reverses_cache",
        "You empty or reverse the list of caches: a second backward pass finds it changed. Read it by index.",
        ("cache[t])", "cache.pop())"),
    ),
    wrong(
        "rnn_backward",
        "back_in_place",
        "Your gradients are right, but dh is changed: `dh[:, t] += …` writes into the caller's array.",
        (BACK, f"dh[:, t] += future\n        {BACK.replace('dh[:, t] + future', 'dh[:, t]')}"),
    ),
)

LOSS_LINE, DX_LINE = "loss = -np.sum(right * mask) / N", "dx = dx * mask[:, :, None] / N"
LOSS = (
    wrong(
        "temporal_softmax_loss",
        "loss_mean_over_time",
        "Loss and gradient are too small by the number of steps: divide by N only, the loss sums over time.",
        ("N = x.shape[0]", "N = x.shape[0] * x.shape[1]"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_mean_over_mask",
        "You divide by the number of steps that count. Divide by the number of sequences, N.",
        ("N = x.shape[0]", "N = max(mask.sum(), 1)"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_summed_over_batch",
        "Loss and gradient are too large by the number of sequences: average over the batch.",
        ("N = x.shape[0]", "N = 1"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_divided_by_t",
        "You divide by the number of time steps. It is the other way round: sum over time, average over the N sequences.",
        ("N = x.shape[0]", "N = x.shape[1]"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_mask_ignored",
        "Padding counts in your loss and in your gradient: the mask is not used.",
        ("right * mask", "right"),
        ("dx * mask[:, :, None] / N", "dx / N"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_mask_only_in_loss",
        "Your loss leaves the padding out, but your gradient does not: multiply dx by the mask as well.",
        ("dx * mask[:, :, None] / N", "dx / N"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_mask_only_in_gradient",
        "Your gradient leaves the padding out, but your loss does not: multiply the steps' losses by the mask.",
        ("right * mask", "right"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_mask_on_scores",
        "You set the scores of the padding to 0; then each padded step still costs log V. Multiply its loss by 0 instead.",
        ("right * mask", "right"),
        ("shifted = x - x.max(axis=2, keepdims=True)", "x = x * mask[:, :, None]\n    shifted = x - x.max(axis=2, keepdims=True)"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_mask_inverted",
        "You count exactly the steps that should not count: the mask is True where a step counts.",
        ("N = x.shape[0]", "N = x.shape[0]\n    mask = ~mask"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_overflow",
        "Scores near 1000 give infinity or NaN: subtract the largest score of each step before the exponential.",
        ("shifted = x - x.max(axis=2, keepdims=True)", "shifted = x"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_minimum_subtracted",
        "You subtract too small a number, such as the smallest score or the mean; a score far above it still overflows. Subtract the largest, so that no exponent is positive.",
        ("x.max(axis=2, keepdims=True)", "x.min(axis=2, keepdims=True)"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_global_maximum",
        "You subtract too large a number, such as the largest score of the whole array. A step with far smaller scores then has log 0: subtract each step's own maximum.",
        ("x.max(axis=2, keepdims=True)", "x.max()"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_log_of_padded_p",
        "You add a small number inside the logarithm: a step whose right answer is very unlikely then costs too little. Take the logarithm before the softmax: score − log Σ exp(scores).",
        ("logp = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))  # (N, T, V)", "logp = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=2, keepdims=True) + 1e-12)"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_empty_sequences_left_out",
        "You divide by the number of sequences in which some step counts. Divide by N, all of them.",
        ("N = x.shape[0]", "N = max(int(mask.any(axis=1).sum()), 1)"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_softmax_over_time",
        "Your probabilities add up to 1 over time. They should do so over the vocabulary, the last axis.",
        ("x.max(axis=2, keepdims=True)", "x.max(axis=1, keepdims=True)"),
        (".sum(axis=2, keepdims=True)", ".sum(axis=1, keepdims=True)"),
    ),
    wrong("temporal_softmax_loss", "loss_sign", "Your loss is negative: it is minus the logarithm.", ("loss = -np.sum", "loss = np.sum")),
    wrong(
        "temporal_softmax_loss",
        "loss_gradient_not_divided",
        "Your dx is too large by the number of sequences: the loss is an average over the batch, so is its gradient.",
        ("* mask[:, :, None] / N", "* mask[:, :, None]"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_gradient_sign",
        "Your dx has the wrong sign: it is p minus one-hot.",
        ("dx = dx * mask[:, :, None] / N", "dx = -dx * mask[:, :, None] / N"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_gradient_without_one_hot",
        "Your dx is p alone: subtract 1 at the right answer.",
        ("np.exp(right)[:, :, None] - 1.0", "np.exp(right)[:, :, None]"),
    ),
    wrong(
        "temporal_softmax_loss",
        "loss_changes_scores",
        "Your numbers are right, but x is not the same afterwards: `-=` writes into the caller's array.",
        ("shifted = x - x.max(axis=2, keepdims=True)", "x -= x.max(axis=2, keepdims=True)\n    shifted = x"),
    ),
)

NORM, SCALE, CLIPPED = (
    "norm = np.sqrt(sum(np.sum(grad**2) for grad in grads.values()))",
    "scale = max_norm / norm if norm > max_norm else 1.0",
    "{name: grad * scale for name, grad in grads.items()}",
)
CLIP = (
    wrong(
        "clip_grad_norm",
        "clip_per_element",
        "You clip every number for itself, which turns the gradient into another direction. Multiply everything by one factor.",
        (CLIPPED, "{name: np.clip(grad, -max_norm, max_norm) for name, grad in grads.items()}"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_per_array",
        "You clip every array by its own norm. One norm over all arrays together decides, and one factor scales them all.",
        (CLIPPED, "{name: grad * min(1.0, max_norm / max(np.linalg.norm(grad), 1e-300)) for name, grad in grads.items()}"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_always_scales",
        "Short gradients get longer: scale only when the norm exceeds the limit.",
        (SCALE, "scale = max_norm / norm if norm > 0 else 1.0"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_zero_division",
        "Where all gradients are 0 you divide by the norm 0 and get NaN.",
        (SCALE, "scale = np.minimum(1.0, np.float64(max_norm) / norm) if norm > max_norm else norm / norm"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_squared_norm",
        "Your norm is the sum of squares: the root is missing.",
        (NORM, "norm = sum(np.sum(grad**2) for grad in grads.values())"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_sum_of_norms",
        "You add up the arrays' norms. Add up the squares of all entries and take one root.",
        (NORM, "norm = sum(np.sqrt(np.sum(grad**2)) for grad in grads.values())"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_absolute_sum",
        "Your norm adds up absolute values. The norm meant here is the root of the sum of squares.",
        (NORM, "norm = sum(np.sum(np.abs(grad)) for grad in grads.values())"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_largest_entry",
        "Your norm is the largest entry. The norm meant here is the root of the sum of squares.",
        (NORM, "norm = max(np.max(np.abs(grad)) for grad in grads.values())"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_norm_after",
        "You return the norm after clipping. The one before is wanted: it shows where gradients explode.",
        ("}, norm", "}, norm * scale"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_in_place",
        "Your numbers are right, but grads is changed too: `*=` writes into the caller's arrays. Make new ones.",
        (SCALE, f"{SCALE}\n    for grad in grads.values():\n        grad *= scale"),
        (CLIPPED, "dict(grads)"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_divides_by_norm",
        "Clipped gradients always have norm 1: multiply by max_norm as well.",
        (SCALE, "scale = 1.0 / norm if norm > max_norm else 1.0"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_padded_norm",
        "You add a small number to the norm before dividing: every clipped gradient is a little too short. You divide only where norm > max_norm, so the norm is not 0 there.",
        ("max_norm / norm if", "max_norm / (norm + 1e-6) if"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_float32",
        "Your clipped gradients have only seven digits: you convert to float32. They stay float64.",
        ("{name: grad * scale for", "{name: np.float32(grad * scale) for"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_mean_square",
        "Your norm takes the mean of the squares of each array. The norm is the root of the sum of all squares.",
        ("np.sum(grad**2)", "np.mean(grad**2)"),
    ),
    wrong(
        "clip_grad_norm",
        "clip_list",
        "clipped should be a dict with the names of grads, you return a list.",
        (CLIPPED, "[grad * scale for grad in grads.values()]"),
    ),
)

SPLIT, GATES = "zi, zf, zo, zg = np.split", "i, f, o, g = sigmoid(zi), sigmoid(zf), sigmoid(zo), np.tanh(zg)"
LSTM = (
    wrong(
        "lstm_step_forward",
        "lstm_order_ifgo",
        "Your third block is the candidate and the fourth the output gate: that is PyTorch's order i, f, g, o. Here it is i, f, o, g.",
        (SPLIT, "zi, zf, zg, zo = np.split"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_order_fi",
        "Your first block is the forget gate and the second the input gate: the order is i, f, o, g.",
        (SPLIT, "zf, zi, zo, zg = np.split"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_order_gifo",
        "Your candidate is the first block: the order is i, f, o, g, so it is the last.",
        (SPLIT, "zg, zi, zf, zo = np.split"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_interleaved",
        "You take every fourth column. The gates are blocks of H columns side by side: z[:, :H], z[:, H:2H], …",
        (
            "zi, zf, zo, zg = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)",
            "z = x @ Wx + prev_h @ Wh + b\n    zi, zf, zo, zg = (z[:, k::4] for k in range(4))",
        ),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_sigmoid_candidate",
        "Your candidate lies between 0 and 1, so the cell state can only be written upwards: g goes through tanh.",
        ("np.tanh(zg)", "sigmoid(zg)"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_tanh_gates",
        "Your gates lie between −1 and 1: i, f and o go through sigmoid.",
        (GATES, "i, f, o, g = np.tanh(zi), np.tanh(zf), np.tanh(zo), np.tanh(zg)"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_no_tanh_c",
        "Your hidden state is o∘c: the cell state goes through tanh on its way out.",
        ("tanh_c = np.tanh(next_c)", "tanh_c = next_c"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_tanh_of_prev_c",
        "Your hidden state shows the old cell state: use the new one.",
        ("tanh_c = np.tanh(next_c)", "tanh_c = np.tanh(prev_c)"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_stores_tanh_c",
        "You squash the cell state itself. tanh is only for what is shown: c goes on unsquashed.",
        ("next_c = f * prev_c + i * g", "next_c = np.tanh(f * prev_c + i * g)"),
        ("tanh_c = np.tanh(next_c)", "tanh_c = next_c"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_no_forget_gate",
        "Nothing is ever forgotten: f is missing in front of the old cell state.",
        ("f * prev_c", "prev_c"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_no_input_gate",
        "Every candidate is written in full: i is missing in front of g.",
        ("i * g", "g"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_one_gate_for_both",
        "You write with 1 − f. In this LSTM the input gate i is a gate of its own.",
        ("i * g", "(1.0 - f) * g"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_no_output_gate",
        "Your hidden state is tanh(c): the output gate o is missing.",
        ("next_h = o * tanh_c", "next_h = 1.0 * tanh_c"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_forget_on_hidden",
        "The forget gate multiplies the old hidden state in your code: it acts on the old cell state.",
        ("f * prev_c", "f * prev_h"),
    ),
    wrong("lstm_step_forward", "lstm_no_bias", "Your step ignores the bias b.", (" + b, 4", ", 4")),
    wrong(
        "lstm_step_forward",
        "lstm_forget_gate_raised",
        "You add 1 to the sum of the forget gate. Starting open is the business of the bias b, which is given.",
        ("sigmoid(zf)", "sigmoid(zf + 1.0)"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_outputs_swapped",
        "You return the cell state before the hidden state; the order is next_h, next_c, cache.",
        ("return next_h, next_c, (", "return next_c, next_h, ("),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_cell_in_place",
        "Your states are right, but prev_c is changed: `*=` and `+=` write into the caller's array.",
        ("    next_c = f * prev_c + i * g\n", "    next_c = prev_c\n    next_c *= f\n    next_c += i * g\n"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_ignores_state",
        "Your gates do not see the hidden state before: prev_h·Wh is missing.",
        (" + prev_h @ Wh", ""),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_own_sigmoid_overflow",
        "Gates that are far open or shut become NaN: e^z/(1 + e^z) is inf/inf. Use the sigmoid of the first cell.",
        ("sigmoid(zf), sigmoid(zo)", "np.exp(zf) / (1 + np.exp(zf)), np.exp(zo) / (1 + np.exp(zo))"),
    ),
    wrong(
        "lstm_step_forward",
        "lstm_squeezed",
        "A batch of one, or a width of one, loses an axis: do not squeeze.",
        ("return next_h, next_c,", "return np.squeeze(next_h), np.squeeze(next_c),"),
    ),
)

DC = "dc = dnext_c + dnext_h * o * (1.0 - tanh_c**2)"
DZ = "[di * i * (1.0 - i), df * f * (1.0 - f), do * o * (1.0 - o), dg * (1.0 - g**2)]"
LSTM_BACK = (
    wrong(
        "lstm_step_backward",
        "lstm_dc_not_through_h",
        "What arrives at the hidden state never reaches the cell state: add dnext_h∘o∘(1 − tanh²c) to dnext_c.",
        (DC, "dc = dnext_c"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dc_only_through_h",
        "What comes back along the cell state is lost: dnext_c is missing in dc.",
        (DC, "dc = dnext_h * o * (1.0 - tanh_c**2)"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dc_no_tanh_slope",
        "On the way from h to c you forgot tanh: multiply by 1 − tanh²(c).",
        (" * (1.0 - tanh_c**2)", ""),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dc_no_output_gate",
        "On the way from h to c you forgot the output gate: h = o∘tanh(c).",
        ("dnext_h * o * (1.0 - tanh_c**2)", "dnext_h * (1.0 - tanh_c**2)"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dc_tanh_twice",
        "You put tanh(c) into tanh once more: the slope is 1 − tanh²(c).",
        ("(1.0 - tanh_c**2)", "(1.0 - np.tanh(tanh_c) ** 2)"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dprev_c_without_f",
        "Your dprev_c is dc itself: the old cell state was multiplied by f, so is its gradient.",
        ("dprev_c = dc * f", "dprev_c = dc * 1.0"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dprev_c_of_dnext_c",
        "Your dprev_c takes dnext_c alone: what came through the hidden state goes on to the old cell state too.",
        ("dprev_c = dc * f", "dprev_c = dnext_c * f"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_df_of_next_c",
        "Your df uses the new cell state: f multiplied the old one.",
        ("df = dc * prev_c", "df = dc * np.arctanh(tanh_c)"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_di_and_dg_swapped",
        "In i∘g each factor gets the other one as derivative: di is dc∘g, dg is dc∘i.",
        ("di = dc * g", "di = dc * i"),
        ("dg = dc * i", "dg = dc * g"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_do_of_dc",
        "Your do uses dc. The output gate acts after the cell state: do is dnext_h∘tanh(c).",
        ("do = dnext_h * tanh_c", "do = dc * tanh_c"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_do_of_c",
        "Your do uses c. In h = o∘tanh(c) the factor beside o is tanh(c).",
        ("do = dnext_h * tanh_c", "do = dnext_h * np.arctanh(tanh_c)"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_gate_slopes_missing",
        "The gradients of the gates do not go back through sigmoid: multiply by σ(1 − σ).",
        (DZ, "[di, df, do, dg * (1.0 - g**2)]"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_candidate_slope_missing",
        "The gradient of the candidate does not go back through tanh: multiply by 1 − g².",
        ("dg * (1.0 - g**2)]", "dg]"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_candidate_slope_of_sigmoid",
        "You take g(1 − g) for the candidate, the slope of sigmoid. It went through tanh: 1 − g².",
        ("dg * (1.0 - g**2)]", "dg * g * (1.0 - g)]"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_gate_slopes_of_tanh",
        "You take 1 − σ² for the gates, the slope of tanh. They went through sigmoid: σ(1 − σ).",
        (DZ, "[di * (1.0 - i**2), df * (1.0 - f**2), do * (1.0 - o**2), dg * (1.0 - g**2)]"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_back_order",
        "On the way back your blocks stand in the order i, f, g, o; on the way forward it was i, f, o, g.",
        (DZ, "[di * i * (1.0 - i), df * f * (1.0 - f), dg * (1.0 - g**2), do * o * (1.0 - o)]"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_dprev_h_directly",
        "You add dnext_h to dprev_h. There is no direct way from h to h: all of it goes through the gates.",
        ("dz @ Wh.T", "dz @ Wh.T + dnext_h"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_db_averaged",
        "Your db is too small by the number of examples: it is the sum over the batch.",
        ("dz.sum(axis=0)", "dz.mean(axis=0)"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_in_place",
        "Your gradients are right, but dnext_c is changed: `+=` writes into the caller's array, and the next step needs it.",
        (DC, "dnext_c += dnext_h * o * (1.0 - tanh_c**2)\n    dc = dnext_c"),
    ),
    wrong(
        "lstm_step_backward",
        "lstm_db_keeps_rows",
        "Your db has the shape (1, 4H); b has the shape (4H,).",
        ("dz.sum(axis=0)", "dz.sum(axis=0, keepdims=True)"),
    ),
)

LSTM_RUN = "state, cell, step = lstm_step_forward(x[:, t], state, cell, Wx, Wh, b)"
LSTM_SEQUENCE = (
    wrong(
        "lstm_forward",
        "lstm_cell_not_carried",
        "Every step starts with an empty cell state: carry c from step to step, as you do with h.",
        (LSTM_RUN, "state, cell, step = lstm_step_forward(x[:, t], state, np.zeros_like(h0), Wx, Wh, b)"),
    ),
    wrong(
        "lstm_forward",
        "lstm_hidden_not_carried",
        "Every step starts from h0 again: carry the hidden state from step to step.",
        (LSTM_RUN, "state, cell, step = lstm_step_forward(x[:, t], h0, cell, Wx, Wh, b)"),
    ),
    wrong(
        "lstm_forward",
        "lstm_h0_ignored",
        "Your states do not depend on h0: you start from zeros.",
        ("state, cell = h0,", "state, cell = np.zeros_like(h0),"),
    ),
    wrong(
        "lstm_forward",
        "lstm_cell_starts_as_h0",
        "Your cell state starts as h0; it starts as zeros.",
        ("np.zeros_like(h0)", "h0"),
    ),
    wrong(
        "lstm_forward",
        "lstm_returns_cells",
        "You return the cell states; asked for are the hidden states.",
        ("states.append(state)", "states.append(cell)"),
    ),
    wrong(
        "lstm_forward",
        "lstm_states_swapped",
        "Hidden state and cell state change places from step to step: lstm_step_forward returns next_h first.",
        (LSTM_RUN, "state, cell, step = lstm_step_forward(x[:, t], *((state, cell) if t == 0 else (cell, state)), Wx, Wh, b)"),
    ),
    wrong(
        "lstm_forward",
        "lstm_last_state",
        "You return the last state only. Asked for are the states after every step, (N, T, H).",
        ("return np.stack(states, axis=1), caches", "return state, caches"),
    ),
    wrong(
        "lstm_forward",
        "lstm_time_first",
        "Your h has the shape (T, N, H): time is axis 1, as in x.",
        ("np.stack(states, axis=1)", "np.stack(states)"),
    ),
)

LSTM_STEP_BACK = "dx[t], future_h, future_c, step_Wx, step_Wh, step_b = lstm_step_backward(dh[:, t] + future_h, future_c, cache[t])"
LSTM_SEQUENCE_BACK = (
    wrong(
        "lstm_backward",
        "lstm_back_cell_dropped",
        "The gradient along the cell state is not carried: the dprev_c of one step is the dnext_c of the step to its left.",
        ("+ future_h, future_c, cache[t])", "+ future_h, np.zeros_like(future_c), cache[t])"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_hidden_dropped",
        "The gradient along the hidden state is not carried: add the dprev_h of the step to the right to dh[:, t].",
        ("dh[:, t] + future_h", "dh[:, t]"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_above_dropped",
        "Only the gradient that enters at the last step arrives: every hidden state also gets dh[:, t] from above.",
        ("dh[:, t] + future_h", "(dh[:, t] if t == T - 1 else future_h)"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_above_into_cell",
        "You add dh[:, t] to the gradient of the cell state as well: from above, gradients reach the hidden state only.",
        ("+ future_h, future_c, cache[t])", "+ future_h, dh[:, t] + future_c, cache[t])"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_weights_overwritten",
        "Your weight gradients are those of the first step alone: they add up over all steps.",
        ("dWx, dWh, db = dWx + step_Wx, dWh + step_Wh, db + step_b", "dWx, dWh, db = step_Wx, step_Wh, step_b"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_forward_loop",
        "Your loop runs from the first step to the last. Gradients run the other way.",
        ("for t in reversed(range(T)):", "for t in range(T):"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_dh0_zero",
        "Your dh0 is 0. It is what comes out of the first step as dprev_h.",
        ("return np.stack(dx, axis=1), future_h,", "return np.stack(dx, axis=1), np.zeros_like(future_h),"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_dh0_of_cell",
        "Your dh0 is the gradient of the cell state before the first step: return the one of the hidden state.",
        ("return np.stack(dx, axis=1), future_h,", "return np.stack(dx, axis=1), future_c,"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_averaged_over_time",
        "Your weight gradients are too small by the number of steps: they add up over time.",
        ("future_h, dWx, dWh, db", "future_h, dWx / T, dWh / T, db / T"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_truncated",
        "In a long sequence the gradient along the cell state does not come back to the first step: you cut it off after a few steps. Carry it all the way.",
        ("dh[:, t] + future_h, future_c,", "dh[:, t] + future_h, future_c * ((T - t) % 5 > 0),"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_clips",
        "You clip large gradients on their way back. Clipping is another exercise: here they pass as they are.",
        ("dh[:, t] + future_h, future_c,", "np.clip(dh[:, t] + future_h, -5.0, 5.0), future_c,"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_states_swapped",
        "The two gradients from the future have changed places: dh[:, t] is added to that of the hidden state.",
        ("dh[:, t] + future_h, future_c,", "dh[:, t] + future_c, future_h,"),
    ),
    wrong(
        "lstm_backward",
        "lstm_back_in_place",
        "Your gradients are right, but dh is changed: `dh[:, t] += …` writes into the caller's array.",
        (LSTM_STEP_BACK, f"dh[:, t] += future_h\n        {LSTM_STEP_BACK.replace('dh[:, t] + future_h', 'dh[:, t]')}"),
    ),
)

SAMPLE = (
    wrong(
        "sample",
        "sample_state_not_carried",
        "Every step gets h0 again: hand on the state that the step before returned.",
        ("step(token, state)", "step(token, h0)"),
    ),
    wrong(
        "sample",
        "sample_feeds_start",
        "Every step is fed `start`: feed the token that was drawn last.",
        ("step(token, state)", "step(start, state)"),
    ),
    wrong(
        "sample",
        "sample_returns_start",
        "Your text begins with `start`, which is not part of the result.",
        ("tokens[t] = token\n    return tokens", "tokens[t] = token\n    return np.concatenate([[start], tokens])[:length]"),
    ),
    wrong(
        "sample",
        "sample_always_greedy",
        "You always take the most likely token, so the text goes round in circles: draw with the probabilities.",
        ("if temperature == 0:", "if True:"),
    ),
    wrong(
        "sample",
        "sample_temperature_ignored",
        "Your frequencies are the same at every temperature: divide the scores by it, before the exponential. Dividing the probabilities does nothing, normalising undoes it.",
        (" / temperature\n", "\n"),
    ),
    wrong(
        "sample",
        "sample_temperature_multiplied",
        "A higher temperature makes your text more predictable: divide the scores by the temperature, do not multiply.",
        (" / temperature\n", " * temperature\n"),
    ),
    wrong(
        "sample",
        "sample_scores_as_weights",
        "You use the scores themselves as probabilities: softmax takes their exponentials.",
        ("p = np.exp(scaled)", "p = np.abs(scores) + 1e-12"),
    ),
    wrong(
        "sample",
        "sample_uniform",
        "Every token comes equally often: hand the probabilities to the generator.",
        ("rng.choice(len(p), p=p / p.sum())", "rng.choice(len(p))"),
    ),
    wrong(
        "sample",
        "sample_overflow",
        "Large scores give infinity and NaN: subtract the largest before the exponential.",
        ("scores - np.max(scores)", "scores"),
    ),
    wrong(
        "sample",
        "sample_in_place",
        "You change the scores in place. A network that returns its own array, or keeps it as its state, then goes on with other numbers.",
        (
            "scaled = (scores - np.max(scores)) / temperature",
            "scaled = scores\n            scaled -= np.max(scores)\n            scaled /= temperature",
        ),
    ),
    wrong(
        "sample",
        "sample_zero_temperature",
        "At temperature 0 you divide by 0. Take the token with the largest score instead.",
        ("if temperature == 0:", "if False:"),
    ),
    wrong(
        "sample",
        "sample_own_seed",
        "Your randomness does not come from the generator that is passed in: with every seed the text is the same.",
        ("    token, state = start, h0\n", "    token, state = start, h0\n    rng = np.random.default_rng(0)\n"),
    ),
    wrong(
        "sample",
        "sample_one_too_few",
        "Your text is shorter than asked for.",
        ("range(length)", "range(length - 1)"),
        ("np.zeros(length, dtype=np.int64)", "np.zeros(length - 1, dtype=np.int64)"),
    ),
)

MIX = "return z * prev_h + (1.0 - z) * n"
GRU = (
    wrong(
        "gru_step_forward",
        "gru_update_inverted",
        "Where z is 1 your state is replaced: in this text z says how much of the *old* state stays.",
        (MIX, "return (1.0 - z) * prev_h + z * n"),
    ),
    wrong(
        "gru_step_forward",
        "gru_reset_after_product",
        "You multiply by r after the product with Wh. Here it acts on the state before the product: (r∘h)·Wh.",
        ("(r * prev_h) @ Wh[:, 2 * H :]", "r * (prev_h @ Wh[:, 2 * H :])"),
    ),
    wrong(
        "gru_step_forward",
        "gru_gates_swapped",
        "Your first block is the update gate and the second the reset gate: the order is r, z, n.",
        ("r, z = gates[:, :H], gates[:, H:]", "z, r = gates[:, :H], gates[:, H:]"),
    ),
    wrong(
        "gru_step_forward",
        "gru_no_reset",
        "Your candidate sees the whole old state: the reset gate r is missing.",
        ("(r * prev_h) @", "prev_h @"),
    ),
    wrong(
        "gru_step_forward",
        "gru_sigmoid_candidate",
        "Your candidate lies between 0 and 1: it goes through tanh.",
        ("n = np.tanh(", "n = sigmoid("),
    ),
    wrong(
        "gru_step_forward",
        "gru_adds_instead_of_mixing",
        "You add the whole candidate to the kept part: it comes in with the weight 1 − z.",
        (MIX, "return z * prev_h + n"),
    ),
    wrong(
        "gru_step_forward",
        "gru_no_candidate_bias",
        "Your candidate lacks its bias, the last H entries of b.",
        (" + b[2 * H :])", ")"),
    ),
    wrong(
        "gru_step_forward",
        "gru_mixes_the_reset_state",
        "You keep z∘(r∘h): the reset gate is for the candidate only, what stays is the old state itself.",
        (MIX, "return z * (r * prev_h) + (1.0 - z) * n"),
    ),
    wrong(
        "gru_step_forward",
        "gru_overflow",
        "Gates that are far open become NaN: e^a/(1 + e^a) is inf/inf. Use the sigmoid of the first cell.",
        (
            "gates = sigmoid(x @ Wx[:, : 2 * H] + prev_h @ Wh[:, : 2 * H] + b[: 2 * H])",
            "gates = np.exp(x @ Wx[:, : 2 * H] + prev_h @ Wh[:, : 2 * H] + b[: 2 * H])\n    gates = gates / (1 + gates)",
        ),
    ),
)

LAYER, EMBED, HEAD = (
    "self.lstm = nn.LSTM(embed_dim, hidden_size, batch_first=True)",
    "self.embedding = nn.Embedding(vocab_size, embed_dim)",
    "self.head = nn.Linear(hidden_size, vocab_size)",
)
RUN_LAYER, RETURNED = "out, hidden = self.lstm(self.embedding(x), hidden)", "return self.head(out), hidden"
MODEL = (
    wrong(
        "CharLSTM",
        "model_time_first",
        "Your LSTM takes axis 0 for time, so it reads across your sequences, and a row's logits depend on the other rows: set batch_first=True.",
        (", batch_first=True", ""),
    ),
    wrong(
        "CharLSTM",
        "model_state_ignored",
        "Your model starts from zeros whatever state it is given: hand `hidden` to the LSTM.",
        ("self.lstm(self.embedding(x), hidden)", "self.lstm(self.embedding(x))"),
    ),
    wrong(
        "CharLSTM",
        "model_old_state_returned",
        "You return the state that came in (or nothing at first) instead of the one after the last step.",
        (RUN_LAYER, "out, _ = self.lstm(self.embedding(x), hidden)\n        hidden = (0 * _[0], 0 * _[1]) if hidden is None else hidden"),
    ),
    wrong(
        "CharLSTM",
        "model_states_swapped",
        "Your pair is (c, h): nn.LSTM gives and takes (h, c).",
        (RETURNED, "return self.head(out), (hidden[1], hidden[0])"),
    ),
    wrong(
        "CharLSTM",
        "model_last_position",
        "You score the last position only; scores are wanted for every position, (N, T, V).",
        ("self.head(out)", "self.head(out[:, -1:])"),
    ),
    wrong(
        "CharLSTM",
        "model_softmax",
        "Your module returns probabilities. Cross-entropy wants raw scores: it applies the softmax itself.",
        ("self.head(out)", "self.head(out).softmax(dim=-1)"),
    ),
    wrong(
        "CharLSTM",
        "model_log_softmax",
        "Your module returns log-probabilities. The loss happens not to notice, but asked for are raw scores.",
        ("self.head(out)", "self.head(out).log_softmax(dim=-1)"),
    ),
    wrong(
        "CharLSTM",
        "model_classes_second",
        "Your logits have the shape (N, V, T): keep (N, T, V), and turn the axes where the loss wants it.",
        ("self.head(out)", "self.head(out).transpose(1, 2)"),
    ),
    wrong(
        "CharLSTM",
        "model_detached",
        "Gradients stop inside your module: cut the graph between pieces, in the training step, not here.",
        (
            RUN_LAYER,
            "hidden = None if hidden is None else tuple(s.detach() for s in hidden)\n        out, hidden = self.lstm(self.embedding(x), hidden)",
        ),
    ),
    wrong(
        "CharLSTM",
        "model_remembers",
        "Your module keeps the last state and goes on from it when none is given. Without a state it starts from zeros; the caller hands states over.",
        ("        out, hidden = self.lstm(self.embedding(x), hidden)\n", "        kept = getattr(self, 'kept', None)\n        if hidden is None and kept is not None and kept[0].shape[1] == len(x):\n            hidden = kept\n        out, hidden = self.lstm(self.embedding(x), hidden)\n        self.kept = tuple(state.detach() for state in hidden)\n"),
    ),
    wrong(
        "CharLSTM",
        "model_frozen_embedding",
        "The vectors of your characters get no gradient: requires_grad is off, or they are detached. They are learned like all other weights.",
        ("        self.lstm = ", "        self.embedding.weight.requires_grad_(False)\n        self.lstm = "),
    ),
    wrong(
        "CharLSTM",
        "model_padding_index",
        "The vector of token 0 gets no gradient: padding_idx=0 makes it padding. Here 0 is a character like any other.",
        ("nn.Embedding(vocab_size, embed_dim)", "nn.Embedding(vocab_size, embed_dim, padding_idx=0)"),
    ),
    wrong(
        "CharLSTM",
        "model_gru",
        "Your recurrent layer is not an nn.LSTM: a GRU or plain RNN has other weights, and one state instead of the pair (h, c).",
        ("nn.LSTM(", "nn.GRU("),
    ),
    wrong(
        "CharLSTM",
        "model_without_bias",
        "Your LSTM has no biases.",
        ("batch_first=True)", "batch_first=True, bias=False)"),
    ),
    wrong(
        "CharLSTM",
        "model_two_layers",
        "Your LSTM has two layers; one is asked for.",
        ("batch_first=True)", "batch_first=True, num_layers=2)"),
    ),
    wrong(
        "CharLSTM",
        "model_head_without_bias",
        "Your linear layer has no bias.",
        ("nn.Linear(hidden_size, vocab_size)", "nn.Linear(hidden_size, vocab_size, bias=False)"),
    ),
    wrong(
        "CharLSTM",
        "model_relu_before_head",
        "There is a ReLU between LSTM and linear layer; the text asks for none.",
        ("self.head(out)", "self.head(out.relu())"),
    ),
)

ZERO, CLIP_LINE, STEP_LINE = (
    "    optimizer.zero_grad()\n",
    "    nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
    "    optimizer.step()\n",
)
CUT = "tuple(state.detach() for state in hidden)"
TRAIN = (
    wrong(
        "train_step",
        "train_not_detached",
        "The returned state hangs on its graph, and the next call stops with “backward through the graph a second time”: detach h and c.",
        (CUT, "hidden"),
    ),
    wrong(
        "train_step",
        "train_only_h_detached",
        "You detach h but not c: the next backward still runs into the old graph, along the cell state.",
        (CUT, "(hidden[0].detach(), hidden[1])"),
    ),
    wrong(
        "train_step",
        "train_state_not_used",
        "Every piece starts from zeros: hand the state to the model.",
        ("hidden = model(x, hidden)\n    loss", "hidden = model(x)\n    loss"),
    ),
    wrong(
        "train_step",
        "train_state_not_returned",
        "You return the state that came in; return the one that the model gives back.",
        (
            "logits, hidden = model(x, hidden)\n    loss",
            "logits, new = model(x, hidden)\n    hidden = tuple(0 * s for s in new) if hidden is None else hidden\n    loss",
        ),
    ),
    wrong(
        "train_step",
        "train_no_zero_grad",
        "Gradients of earlier pieces pile up: call optimizer.zero_grad() before backward.",
        (ZERO, ""),
    ),
    wrong(
        "train_step",
        "train_no_step",
        "The weights never change: optimizer.step() is missing, or the gradients are cleared between backward() and step().",
        (STEP_LINE, ""),
    ),
    wrong(
        "train_step",
        "train_no_clipping",
        "Your gradients reach the optimizer unclipped: clip_grad_norm_ has its place after backward() and before step().",
        (CLIP_LINE, ""),
    ),
    wrong(
        "train_step",
        "train_clips_each_value",
        "You clip every number for itself, which changes the gradient's direction: nn.utils.clip_grad_norm_, not clip_grad_value_.",
        ("clip_grad_norm_", "clip_grad_value_"),
    ),
    wrong(
        "train_step",
        "train_clips_each_parameter",
        "You clip every parameter by its own norm. One norm over all parameters together decides.",
        (CLIP_LINE, "    for p in model.parameters():\n        nn.utils.clip_grad_norm_([p], max_norm)\n"),
    ),
    wrong(
        "train_step",
        "train_loss_summed",
        "Your loss is the sum over all positions; asked for is the mean.",
        ("y.flatten())", "y.flatten(), reduction='sum')"),
    ),
    wrong(
        "train_step",
        "train_fixed_limit",
        "You clip to a fixed norm of 1, whatever max_norm says.",
        ("clip_grad_norm_(model.parameters(), max_norm)", "clip_grad_norm_(model.parameters(), 1.0)"),
    ),
    wrong(
        "train_step",
        "train_two_steps",
        "The optimizer steps twice for one backward pass.",
        ("    optimizer.step()\n", "    optimizer.step()\n    optimizer.step()\n"),
    ),
    wrong(
        "train_step",
        "train_states_swapped",
        "You return the pair (c, h); the model gives and takes (h, c).",
        ("tuple(state.detach() for state in hidden)", "tuple(state.detach() for state in hidden[::-1])"),
    ),
    wrong(
        "train_step",
        "train_loss_summed_over_time",
        "Your loss is summed over time, as in exercise 7; here the mean over all positions is asked for.",
        ("y.flatten())", "y.flatten()) * y.shape[1]"),
    ),
    wrong(
        "train_step",
        "train_last_position_only",
        "Only the last position enters your loss; every position predicts its next character.",
        ("F.cross_entropy(logits.flatten(0, 1), y.flatten())", "F.cross_entropy(logits[:, -1], y[:, -1])"),
    ),
    wrong(
        "train_step",
        "train_axes_reshaped",
        "You reshape the logits to (N, V, T). That mixes positions and scores: transpose the axes, or flatten N and T.",
        (
            "F.cross_entropy(logits.flatten(0, 1), y.flatten())",
            "F.cross_entropy(logits.reshape(logits.shape[0], logits.shape[2], logits.shape[1]), y)",
        ),
    ),
    wrong(
        "train_step",
        "train_answers_transposed",
        "The answers are in another order than the logits: you flatten y time first.",
        ("y.flatten())", "y.T.flatten())"),
    ),
    wrong(
        "train_step",
        "train_predicts_input",
        "Your loss compares with x, the character that was read, instead of y, the one that follows.",
        ("y.flatten())", "x.flatten())"),
    ),
    wrong(
        "train_step",
        "train_softmax_twice",
        "You apply softmax before cross-entropy, which applies it itself: the loss cannot get small.",
        ("logits.flatten(0, 1)", "logits.flatten(0, 1).softmax(dim=1)"),
    ),
    wrong(
        "train_step",
        "train_loss_is_tensor",
        "Your loss is a tensor with its graph; a list of such losses keeps all graphs alive. Return loss.item().",
        ("loss.item()", "loss"),
    ),
    wrong(
        "train_step",
        "train_loss_after_step",
        "You return the loss after the step, which costs a second forward pass; asked for is the one that the step was computed from.",
        (
            "return loss.item()",
            "with torch.no_grad():\n        loss = F.cross_entropy(model(x)[0].flatten(0, 1), y.flatten())\n    return loss.item()",
        ),
    ),
)

MISCONCEPTIONS = (
    TEXT
    + EMBEDDING
    + STEP
    + STEP_BACK
    + SEQUENCE
    + SEQUENCE_BACK
    + LOSS
    + CLIP
    + LSTM
    + LSTM_BACK
    + LSTM_SEQUENCE
    + LSTM_SEQUENCE_BACK
    + SAMPLE
    + GRU
    + MODEL
    + TRAIN
)
