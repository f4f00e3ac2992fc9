"""Wrong answers to u07_transfer_learning that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception

STATS = (
    Misconception(
        id="stats_one_for_all_channels",
        exercise="channel_stats",
        hint="Your mean and std are single numbers, or the same for all channels: keep the channel axis, and average over the other three.",
        edits=(
            ("images.mean(dim=(0, 2, 3))", "images.mean().repeat(images.shape[1])"),
            ("images.std(dim=(0, 2, 3), correction=0)", "images.std(correction=0).repeat(images.shape[1])"),
        ),
    ),
    Misconception(
        id="stats_per_pixel",
        exercise="channel_stats",
        hint="You average over the images only and get a number for each place. A channel has one mean and one std, over all images and all places.",
        edits=(
            ("images.mean(dim=(0, 2, 3))", "images.mean(dim=0)"),
            ("images.std(dim=(0, 2, 3), correction=0)", "images.std(dim=0, correction=0)"),
        ),
    ),
    Misconception(
        id="stats_per_image",
        exercise="channel_stats",
        hint="You take the statistics of each image for itself: there is one pair of numbers per channel, over the whole split.",
        edits=(
            ("images.mean(dim=(0, 2, 3))", "images.mean(dim=(2, 3))"),
            ("images.std(dim=(0, 2, 3), correction=0)", "images.std(dim=(2, 3), correction=0)"),
        ),
    ),
    Misconception(
        id="stats_channels_last",
        exercise="channel_stats",
        hint="You average over axes 0, 1 and 2, as if the channels came last. In PyTorch they are axis 1: (N, C, H, W).",
        edits=(
            ("images.mean(dim=(0, 2, 3))", "images.mean(dim=(0, 1, 2))"),
            ("images.std(dim=(0, 2, 3), correction=0)", "images.std(dim=(0, 1, 2), correction=0)"),
        ),
    ),
    Misconception(
        id="stats_n_minus_one",
        exercise="channel_stats",
        hint="Your std is slightly too large: `std` divides by N·H·W − 1 unless you pass correction=0. (For a single pixel yours is NaN.)",
        edits=((", correction=0)", ")"),),
    ),
    Misconception(
        id="stats_variance",
        exercise="channel_stats",
        hint="You return the variance. The deviation is its root.",
        edits=(("images.std(", "images.var("),),
    ),
    Misconception(
        id="stats_mean_of_image_stds",
        exercise="channel_stats",
        hint="You average the deviations of single images. That misses how much the images differ from each other: take the deviation over all pixels at once.",
        edits=(("images.std(dim=(0, 2, 3), correction=0)", "images.std(dim=(2, 3), correction=0).mean(dim=0)"),),
    ),
    Misconception(
        id="stats_root_mean_square",
        exercise="channel_stats",
        hint="Your std is the root of the mean of x², not of (x − mean)²: the mean has not been subtracted.",
        edits=(("images.std(dim=(0, 2, 3), correction=0)", "(images**2).mean(dim=(0, 2, 3)).sqrt()"),),
    ),
    Misconception(
        id="normalize_last_axis",
        exercise="channel_stats",
        hint="A vector (C,) meets the last axis, the columns, and not the channels. It happens to fit when W = C. Give mean and std the shape (C, 1, 1).",
        edits=(("mean[:, None, None]", "mean"), ("std[:, None, None]", "std")),
    ),
    Misconception(
        id="normalize_rows",
        exercise="channel_stats",
        hint="With the shape (C, 1) your numbers meet the rows of the images, not the channels: they need two axes more.",
        edits=(("mean[:, None, None]", "mean[:, None]"), ("std[:, None, None]", "std[:, None]")),
    ),
    Misconception(
        id="normalize_divides_first",
        exercise="channel_stats",
        hint="You divide the images by std and then subtract the mean itself. Subtract first, then divide the difference.",
        edits=(("(images - mean[:, None, None]) / std[:, None, None]", "images / std[:, None, None] - mean[:, None, None]"),),
    ),
    Misconception(
        id="normalize_no_mean",
        exercise="channel_stats",
        hint="You divide by std but do not subtract the mean.",
        edits=(("(images - mean[:, None, None]) / std", "images / std"),),
    ),
    Misconception(
        id="normalize_no_std",
        exercise="channel_stats",
        hint="You subtract the mean but do not divide by std.",
        edits=(("(images - mean[:, None, None]) / std[:, None, None]", "images - mean[:, None, None]"),),
    ),
    Misconception(
        id="normalize_eps",
        exercise="channel_stats",
        hint="You add a number to std before dividing. That is for a std of 0; here it makes every image a little too small: divide by std itself.",
        edits=(("/ std[:, None, None]", "/ (std[:, None, None] + 1e-5)"),),
    ),
    Misconception(
        id="normalize_in_place",
        exercise="channel_stats",
        hint="`-=` and `/=` (or `sub_`, `div_`) change the images of the caller, who will normalise them again by mistake. Return new ones.",
        edits=(
            (
                "return (images - mean[:, None, None]) / std[:, None, None]",
                "return images.sub_(mean[:, None, None]).div_(std[:, None, None])",
            ),
        ),
    ),
    Misconception(
        id="splits_own_statistics",
        exercise="channel_stats",
        hint="Your validation split is normalised with its own statistics. A shift between the splits, which is what validation should show, is gone. Use those of the training split for both.",
        edits=(("normalize(val, mean, std)", "normalize(val, *channel_stats(val))"),),
    ),
    Misconception(
        id="splits_joint_statistics",
        exercise="channel_stats",
        hint="Your statistics come from training and validation images together: the validation images have leaked into training.",
        edits=(("channel_stats(train)", "channel_stats(torch.cat([train, val]))"),),
    ),
    Misconception(
        id="splits_validation_statistics",
        exercise="channel_stats",
        hint="Your statistics come from the validation split. They belong to the training split.",
        edits=(("channel_stats(train)", "channel_stats(val)"),),
    ),
    Misconception(
        id="splits_val_raw",
        exercise="channel_stats",
        hint="The validation split comes back as it was. It needs the same preparation as the training split. (Statistics that you take after normalising the training split are 0 and 1, and change nothing.)",
        edits=(("normalize(val, mean, std)", "val"),),
    ),
    Misconception(
        id="splits_twice",
        exercise="channel_stats",
        hint="The validation split is normalised twice.",
        edits=(("normalize(val, mean, std)", "normalize(normalize(val, mean, std), mean, std)"),),
    ),
)

SELECT = (
    Misconception(
        id="select_not_remapped",
        exercise="select_classes",
        hint="The labels keep their old values. With five classes the head knows 0 to 4: label k belongs to classes[k].",
        edits=(("[place[int(label)] for label in labels[keep]]", "[int(label) for label in labels[keep]]"),),
    ),
    Misconception(
        id="select_sorted",
        exercise="select_classes",
        hint="Your new labels follow the sorted classes. They follow the order in which classes are given.",
        edits=(("enumerate(classes)", "enumerate(sorted(classes))"),),
    ),
    Misconception(
        id="select_subtracts_smallest",
        exercise="select_classes",
        hint="You subtract the smallest class. That works only when the classes are consecutive and in order.",
        edits=(("[place[int(label)] for label in labels[keep]]", "[int(label) - min(classes) for label in labels[keep]]"),),
    ),
    Misconception(
        id="select_range",
        exercise="select_classes",
        hint="You keep all labels between the smallest and the largest class, also those of other classes. Keep those that are in classes.",
        source="""
def select_classes(images, labels, classes):
    keep = (labels >= min(classes)) & (labels <= max(classes))
    place = {label: k for k, label in enumerate(classes)}
    return images[keep], torch.tensor([place.get(int(label), 0) for label in labels[keep]], dtype=torch.long)
""",
    ),
    Misconception(
        id="select_float",
        exercise="select_classes",
        hint="Your labels are floating-point numbers, which cross_entropy does not take for classes: torch.zeros makes floats unless you say dtype=torch.long.",
        edits=(("dtype=torch.long", "dtype=torch.float32"),),
    ),
    Misconception(
        id="select_one_hot",
        exercise="select_classes",
        hint="Your labels are rows of zeros and ones. Asked for is one number per image, the place of its class.",
        edits=(
            (
                "torch.tensor([place[int(label)] for label in labels[keep]], dtype=torch.long)",
                "F.one_hot(torch.tensor([place[int(label)] for label in labels[keep]], dtype=torch.long), len(classes))",
            ),
        ),
    ),
    Misconception(
        id="select_squeezed",
        exercise="select_classes",
        hint="A single image comes back without its first axis: squeeze() makes a number of a list of one row. Do not squeeze, or say which axis: squeeze(1).",
        source="""
def select_classes(images, labels, classes):
    keep = torch.nonzero(torch.isin(labels, torch.tensor(classes))).squeeze()
    place = {label: k for k, label in enumerate(classes)}
    return images[keep], torch.tensor([place[int(label)] for label in labels[keep].reshape(-1)], dtype=torch.long)
""",
    ),
    Misconception(
        id="select_one_after_the_other",
        exercise="select_classes",
        hint="You replace one class after the other in the same tensor: with classes = [1, 0], the 0 just written for class 1 is then taken for class 0. Compare with the old labels.",
        source="""
def select_classes(images, labels, classes):
    keep = torch.isin(labels, torch.tensor(classes))
    new = labels[keep].clone()
    for k, label in enumerate(classes):
        new[new == label] = k
    return images[keep], new
""",
    ),
    Misconception(
        id="select_in_place",
        exercise="select_classes",
        hint="You write the new labels into the tensor of the caller. Make a new one.",
        source="""
def select_classes(images, labels, classes):
    old = labels.clone()
    keep = torch.isin(old, torch.tensor(classes))
    for k, label in enumerate(classes):
        labels[old == label] = k
    return images[keep], labels[keep]
""",
    ),
    Misconception(
        id="select_grouped",
        exercise="select_classes",
        hint="Your images come class by class. They should keep the order in which they stand; a loader without shuffling would otherwise give batches of one class.",
        source="""
def select_classes(images, labels, classes):
    rows = [torch.nonzero(labels == label)[:, 0] for label in classes]
    new = [torch.full((len(r),), k) for k, r in enumerate(rows)]
    return images[torch.cat(rows)], torch.cat(new)
""",
    ),
    Misconception(
        id="select_all_images",
        exercise="select_classes",
        hint="All images come back, also those of other classes: images and labels need the same selection.",
        edits=(("return images[keep],", "return images,"),),
    ),
    Misconception(
        id="select_present_only",
        exercise="select_classes",
        hint="You number the classes that happen to be present. A class without images still takes its place in the numbering.",
        edits=(("enumerate(classes)", "enumerate(c for c in classes if c in labels)"),),
    ),
)

HEAD = (
    Misconception(
        id="head_not_replaced",
        exercise="replace_head",
        hint="You make a new layer but the model keeps its old one: assign it to model.head.",
        edits=(("model.head = nn.Linear", "head = nn.Linear"),),
    ),
    Misconception(
        id="head_old_rows",
        exercise="replace_head",
        hint="Your new head still holds rows of the old weights: they stand for other classes. Initialise it afresh.",
        edits=(
            (
                "    return model",
                "    rows = min(len(old), num_classes)\n    model.head.weight.data[:rows] = old.data[:rows]\n    return model",
            ),
        ),
    ),
    Misconception(
        id="head_kept_when_it_fits",
        exercise="replace_head",
        hint="When the number of classes is the same you keep the old head. Its weights belong to other classes; replace it all the same.",
        edits=(("    old = model.head.weight\n", "    old = model.head.weight\n    if len(old) == num_classes:\n        return model\n"),),
    ),
    Misconception(
        id="head_on_top",
        exercise="replace_head",
        hint="You put the new layer on top of the old head, so it sees the old scores. It should see the body's features.",
        edits=(
            (
                "model.head = nn.Linear(model.head.in_features, num_classes, device=old.device, dtype=old.dtype)",
                "model.head = nn.Sequential(model.head, nn.Linear(model.head.out_features, num_classes, device=old.device, dtype=old.dtype))",
            ),
        ),
    ),
    Misconception(
        id="head_two_layers",
        exercise="replace_head",
        hint="Your head has several layers. Asked for is a single nn.Linear from the body's features to the classes.",
        edits=(
            (
                "model.head = nn.Linear(model.head.in_features, num_classes, device=old.device, dtype=old.dtype)",
                "width = model.head.in_features\n    model.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, num_classes)).to(old)",
            ),
        ),
    ),
    Misconception(
        id="head_fixed_inputs",
        exercise="replace_head",
        hint="The number of features stands in your code as a number. Another body gives another one: model.head.in_features tells it.",
        edits=(("nn.Linear(model.head.in_features,", "nn.Linear(48,"),),
    ),
    Misconception(
        id="head_old_bias",
        exercise="replace_head",
        hint="The weights are new but the bias is the old one. It belongs to other classes, too.",
        edits=(
            ("    old = model.head.weight\n", "    old, bias = model.head.weight, model.head.bias\n"),
            ("    return model", "    rows = min(len(bias), num_classes)\n    model.head.bias.data[:rows] = bias.data[:rows]\n    return model"),
        ),
    ),
    Misconception(
        id="head_freezes_body",
        exercise="replace_head",
        hint="You freeze the body as well. That is what freeze is for; replace_head leaves the body as it is.",
        edits=(("    return model", "    model.body.requires_grad_(False)\n    return model"),),
    ),
    Misconception(
        id="head_sets_train",
        exercise="replace_head",
        hint="You put the whole model into training mode. A frozen block then moves its statistics again; leave the modes as they are.",
        edits=(("    return model", "    model.train()\n    return model"),),
    ),
    Misconception(
        id="head_sets_eval",
        exercise="replace_head",
        hint="You put the whole model into eval mode. Leave the modes as they are.",
        edits=(("    return model", "    model.eval()\n    return model"),),
    ),
    Misconception(
        id="head_softmax",
        exercise="replace_head",
        hint="Your head ends in a softmax. cross_entropy contains one already; with two of them the gradients nearly vanish. Return scores.",
        edits=(
            (
                "model.head = nn.Linear(model.head.in_features, num_classes, device=old.device, dtype=old.dtype)",
                "model.head = type('SoftmaxHead', (nn.Linear,), {'forward': lambda self, x: F.linear(x, self.weight, self.bias).softmax(dim=1)})(model.head.in_features, num_classes, dtype=old.dtype)",
            ),
        ),
    ),
    Misconception(
        id="head_no_bias",
        exercise="replace_head",
        hint="Your head has no bias.",
        edits=((", device=old.device, dtype=old.dtype)", ", bias=False, device=old.device, dtype=old.dtype)"),),
    ),
    Misconception(
        id="head_float32",
        exercise="replace_head",
        hint="Your head is float32 on the CPU, whatever the model is: a model in another dtype or on a GPU then fails with a mismatch. Take device and dtype from the old head.",
        edits=((", device=old.device, dtype=old.dtype)", ")"),),
    ),
    Misconception(
        id="head_on_the_cpu",
        exercise="replace_head",
        hint="Your head has the right dtype but is made on the CPU: with the model on a GPU, the first call fails. Take the device from the old head.",
        edits=((", device=old.device", ""),),
    ),
    Misconception(
        id="head_frozen",
        exercise="replace_head",
        hint="Your new head takes over that the old one required no gradients, so nothing can train it.",
        edits=(("    return model", "    model.head.requires_grad_(old.requires_grad)\n    return model"),),
    ),
    Misconception(
        id="head_returns_nothing",
        exercise="replace_head",
        hint="replace_head should return the model.",
        edits=(("    return model", "    return None"),),
    ),
    Misconception(
        id="head_resets_body",
        exercise="replace_head",
        hint="You reset the body, too: what was learned on the source is gone. Only the head is new.",
        edits=(
            (
                "    return model",
                "    for part in model.modules():\n        if hasattr(part, 'reset_parameters'):\n            part.reset_parameters()\n    return model",
            ),
        ),
    ),
)

FREEZE = (
    Misconception(
        id="freeze_no_eval",
        exercise="freeze",
        hint="BatchNorm and dropout of your frozen blocks are still in training mode: the features depend on the batch, and the running statistics move. Put the blocks into eval mode.",
        edits=(("        block.eval()\n", ""),),
    ),
    Misconception(
        id="freeze_eval_only",
        exercise="freeze",
        hint="Your blocks are in eval mode, but their parameters still require gradients, so an optimizer moves them.",
        edits=(("        block.requires_grad_(False)\n", ""),),
    ),
    Misconception(
        id="freeze_head_too",
        exercise="freeze",
        hint="You freeze the head as well: nothing is left to train. Freeze blocks of model.body.",
        edits=(("    return model", "    model.head.requires_grad_(False)\n    return model"),),
    ),
    Misconception(
        id="freeze_ignores_blocks",
        exercise="freeze",
        hint="You freeze the whole body, whatever blocks says.",
        edits=(("model.body[:blocks]", "model.body"),),
    ),
    Misconception(
        id="freeze_last_blocks",
        exercise="freeze",
        hint="You freeze the last blocks. The first ones are the general ones (edges, textures); the last ones should adapt.",
        edits=(("model.body[:blocks]", "model.body[len(model.body) - blocks if blocks is not None else 0 :]"),),
    ),
    Misconception(
        id="freeze_zero_is_all",
        exercise="freeze",
        hint="With blocks=0 you freeze everything: `if not blocks` is true for 0 as well as for None. Compare with None.",
        edits=(("model.body[:blocks]", "model.body[: blocks or None]"),),
    ),
    Misconception(
        id="freeze_one_more",
        exercise="freeze",
        hint="You freeze one block more than asked for.",
        edits=(("model.body[:blocks]", "model.body[: None if blocks is None else blocks + 1]"),),
    ),
    Misconception(
        id="freeze_default_spares_the_last",
        exercise="freeze",
        hint="With blocks=None your last block is not frozen. None means all of them: model.body[:None] is everything, model.body[:-1] is not.",
        edits=(("model.body[:blocks]", "model.body[: -1 if blocks is None else blocks]"),),
    ),
    Misconception(
        id="freeze_attribute",
        exercise="freeze",
        hint="`block.requires_grad = False` only makes a new attribute of the module. Call `block.requires_grad_(False)`, or set it on every parameter.",
        edits=(("block.requires_grad_(False)", "block.requires_grad = False"),),
    ),
    Misconception(
        id="freeze_weights_only",
        exercise="freeze",
        hint="You freeze the weights but not the biases. Freeze all parameters of the blocks.",
        edits=(
            ("block.requires_grad_(False)", "[p.requires_grad_(False) for name, p in block.named_parameters() if name.endswith('weight')]"),
        ),
    ),
    Misconception(
        id="freeze_not_batchnorm",
        exercise="freeze",
        hint="You freeze the convolutions; the scale and shift of BatchNorm are parameters, too.",
        edits=(("block.requires_grad_(False)", "[part.requires_grad_(False) for part in block if 'Norm' not in type(part).__name__]"),),
    ),
    Misconception(
        id="freeze_batchnorm_only",
        exercise="freeze",
        hint="BatchNorm is in eval mode, dropout is not: it still drops features of your frozen blocks at random. Put the whole block into eval mode.",
        edits=(("block.eval()", "[part.eval() for part in block if 'Norm' in type(part).__name__]"),),
    ),
    Misconception(
        id="freeze_batchnorm_2d_only",
        exercise="freeze",
        hint="You put only BatchNorm2d into eval mode; BatchNorm1d and dropout have modes as well. Put the whole block into eval mode.",
        edits=(("block.eval()", "[part.eval() for part in block if isinstance(part, nn.BatchNorm2d)]"),),
    ),
    Misconception(
        id="freeze_momentum_zero",
        exercise="freeze",
        hint="BatchNorm of your frozen blocks is in training mode. Even if its running statistics stay (momentum 0), it normalises with the batch's own. Put the blocks into eval mode.",
        edits=(("block.eval()", "[setattr(part, 'momentum', 0.0) for part in block if 'Norm' in type(part).__name__]"),),
    ),
    Misconception(
        id="freeze_sets_the_rest",
        exercise="freeze",
        hint="You also set the later blocks: one that was frozen is trained again, one in eval mode is not any more. Leave them as they were.",
        source="""
def freeze(model, blocks=None):
    for k, block in enumerate(model.body):
        later = blocks is not None and k >= blocks
        block.requires_grad_(later)
        block.train(later)
    return model
""",
    ),
    Misconception(
        id="freeze_train_first",
        exercise="freeze",
        hint="You call model.train() before you freeze: layers of later blocks that were in eval mode are not any more. Leave them as they were.",
        edits=(("    for block in", "    model.train()\n    for block in"),),
    ),
    Misconception(
        id="freeze_head_eval",
        exercise="freeze",
        hint="You put the head into eval mode. It is to be trained: leave it as it was.",
        edits=(("    return model", "    model.head.eval()\n    return model"),),
    ),
    Misconception(
        id="freeze_whole_model_eval",
        exercise="freeze",
        hint="You put the whole model into eval mode. Blocks that are not frozen, and the head, stay as they were.",
        edits=(("    return model", "    model.eval()\n    return model"),),
    ),
    Misconception(
        id="freeze_returns_nothing",
        exercise="freeze",
        hint="freeze should return the model.",
        edits=(("    return model", "    return None"),),
    ),
)

MODE = (
    Misconception(
        id="mode_plain_train",
        exercise="train_mode",
        hint="model.train() puts the frozen blocks back into training mode: their BatchNorm uses and moves batch statistics again. Whatever you set before it is undone, so put them into eval mode afterwards.",
        edits=(("            block.eval()", "            pass"),),
    ),
    Misconception(
        id="mode_no_train",
        exercise="train_mode",
        hint="You never switch to training mode: after an evaluation the whole network stays in eval mode.",
        edits=(("    model.train()\n", ""),),
    ),
    Misconception(
        id="mode_body_always_eval",
        exercise="train_mode",
        hint="You put the whole body into eval mode, also blocks that are being trained.",
        edits=(("        if needs and not any(needs):\n            block.eval()", "        block.eval()"),),
    ),
    Misconception(
        id="mode_partly_frozen",
        exercise="train_mode",
        hint="You treat a block as frozen as soon as one of its parameters is. It is frozen when none of them requires a gradient.",
        edits=(("not any(needs)", "not all(needs)"),),
    ),
    Misconception(
        id="mode_empty_block",
        exercise="train_mode",
        hint='A block without parameters, such as dropout, goes to eval mode: "none requires a gradient" is true of no parameters at all. Ask for at least one.',
        edits=(("needs and not any(needs)", "not any(needs)"),),
    ),
    Misconception(
        id="mode_batchnorm_only",
        exercise="train_mode",
        hint="BatchNorm of the frozen blocks is in eval mode, dropout is not. Put the whole block into eval mode.",
        edits=(
            (
                "            block.eval()",
                "            for part in block.modules():\n                if 'Norm' in type(part).__name__:\n                    part.eval()",
            ),
        ),
    ),
    Misconception(
        id="mode_batchnorm_2d_only",
        exercise="train_mode",
        hint="You put only BatchNorm2d and dropout into eval mode; BatchNorm1d has modes as well. Put the whole block into eval mode.",
        edits=(
            (
                "            block.eval()",
                "            for part in block.modules():\n                if isinstance(part, (nn.BatchNorm2d, nn.Dropout)):\n                    part.eval()",
            ),
        ),
    ),
    Misconception(
        id="mode_all_or_nothing",
        exercise="train_mode",
        hint="You look at the body as a whole: with some blocks frozen and others not, the frozen ones are in training mode. Decide block by block.",
        source="""
def train_mode(model):
    model.train()
    if not any(p.requires_grad for p in model.body.parameters()):
        for block in model.body:
            if list(block.parameters()):
                block.eval()
""",
    ),
    Misconception(
        id="mode_first_parameter",
        exercise="train_mode",
        hint="You decide by the first parameter of a block. Its convolution may be frozen while its BatchNorm is trained.",
        edits=(("not any(needs)", "not needs[0]"),),
    ),
    Misconception(
        id="mode_every_layer",
        exercise="train_mode",
        hint="A block of which only some parameters are frozen goes to eval mode, or a layer of it does. A block is frozen as a whole or not at all: ask all parameters of each entry of model.body.",
        edits=(("for block in model.body:", "for block in model.body.modules():"),),
    ),
    Misconception(
        id="mode_stops_at_the_first",
        exercise="train_mode",
        hint="You stop at the first block that is not frozen; a later one may be frozen all the same. Look at each block.",
        edits=(("            block.eval()", "            block.eval()\n        else:\n            break"),),
    ),
    Misconception(
        id="mode_head_eval",
        exercise="train_mode",
        hint="A frozen head goes to eval mode in your code. Only blocks of the body do; everything else is in training mode.",
        edits=(("        if needs and not any(needs):\n            block.eval()", "        if needs and not any(needs):\n            block.eval()\n    model.head.train(any(p.requires_grad for p in model.head.parameters()))"),),
    ),
    Misconception(
        id="mode_freezes_more",
        exercise="train_mode",
        hint="You change which parameters require gradients. train_mode sets modes, nothing else.",
        edits=(("    model.train()\n", "    model.train()\n    model.requires_grad_(True)\n"),),
    ),
)

LOOPS = (
    Misconception(
        id="train_plain_train",
        exercise="train_epoch",
        hint="Your loop calls model.train(), which opens the trap again: frozen blocks use and move batch statistics. Call train_mode(model).",
        edits=(("    train_mode(model)\n", "    model.train()\n"),),
    ),
    Misconception(
        id="train_no_mode",
        exercise="train_epoch",
        hint="You never set the mode: after an evaluation, the network trains in eval mode.",
        edits=(("    train_mode(model)\n", ""),),
    ),
    Misconception(
        id="train_softmax_twice",
        exercise="train_epoch",
        hint="You put a softmax before cross_entropy, which contains one: the loss cannot get near 0 and the gradients are far too small. Pass the scores.",
        edits=(("F.cross_entropy(model(x), y)", "F.cross_entropy(model(x).softmax(dim=1), y)"),),
    ),
    Misconception(
        id="train_no_zero_grad",
        exercise="train_epoch",
        hint="Gradients of earlier batches add up: from the second batch on your steps are wrong. Call zero_grad for every batch.",
        edits=(("        optimizer.zero_grad()\n", ""),),
    ),
    Misconception(
        id="train_zero_grad_once",
        exercise="train_epoch",
        hint="You clear the gradients once per epoch. They add up from batch to batch: clear them for every batch.",
        edits=(
            ("        optimizer.zero_grad()\n", ""),
            ("    total, count = 0.0, 0\n", "    total, count = 0.0, 0\n    optimizer.zero_grad()\n"),
        ),
    ),
    Misconception(
        id="train_no_step",
        exercise="train_epoch",
        hint="The parameters never change. Either the optimizer does not step, or zero_grad() between backward and step takes the gradients away.",
        edits=(("        optimizer.step()\n", ""),),
    ),
    Misconception(
        id="train_step_once",
        exercise="train_epoch",
        hint="You step once per epoch. One step per batch.",
        edits=(
            ("        optimizer.step()\n", ""),
            ("    return total / count\n\n\ndef evaluate", "    optimizer.step()\n    return total / count\n\n\ndef evaluate"),
        ),
    ),
    Misconception(
        id="train_step_first",
        exercise="train_epoch",
        hint="You step before backward: every step uses the gradients of the batch before, and the first one does nothing.",
        edits=(
            ("        loss.backward()\n        optimizer.step()\n", "        optimizer.step()\n        loss.backward()\n"),
            ("        optimizer.zero_grad()\n", ""),
            ("        total += loss.item()", "        total += loss.item()"),
        ),
    ),
    Misconception(
        id="train_no_grad",
        exercise="train_epoch",
        hint="You compute the loss under torch.no_grad(): there is no graph, and backward fails. no_grad is for evaluation.",
        edits=(
            (
                "        loss = F.cross_entropy(model(x), y)\n",
                "        with torch.no_grad():\n            loss = F.cross_entropy(model(x), y)\n",
            ),
        ),
    ),
    Misconception(
        id="train_keeps_graph",
        exercise="train_epoch",
        hint="Your loss is a tensor. Added up without .item(), it carries the graphs of all batches, which stay in memory. Add up loss.item().",
        edits=(("loss.item() * len(y)", "loss * len(y)"),),
    ),
    Misconception(
        id="train_loss_after_step",
        exercise="train_epoch",
        hint="Your loss is measured after the step, which costs a second forward pass. Report the one that the step was made for.",
        edits=(("        total += loss.item()", "        with torch.no_grad():\n            loss = F.cross_entropy(model(x), y)\n        total += loss.item()"),),
    ),
    Misconception(
        id="train_clips",
        exercise="train_epoch",
        hint="You clip the gradients: where their norm is above 1 your steps are too short. One plain step per batch is asked for.",
        edits=(("        optimizer.step()\n", "        nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n        optimizer.step()\n"),),
    ),
    Misconception(
        id="train_label_smoothing",
        exercise="train_epoch",
        hint="You smooth the labels: the loss and the steps are those of other answers. Plain cross-entropy is asked for.",
        edits=(("F.cross_entropy(model(x), y)", "F.cross_entropy(model(x), y, label_smoothing=0.1)"),),
    ),
    Misconception(
        id="train_mean_of_batch_means",
        exercise="train_epoch",
        hint="Your loss is the mean of the batch means: a small last batch weighs as much as a full one. Weigh each batch by its size.",
        edits=(
            ("loss.item() * len(y)", "loss.item()"),
            (
                "        count += len(y)\n    return total / count\n\n\ndef evaluate",
                "        count += 1\n    return total / count\n\n\ndef evaluate",
            ),
        ),
    ),
    Misconception(
        id="train_last_loss",
        exercise="train_epoch",
        hint="You return the loss of the last batch only.",
        edits=(
            ("total += loss.item() * len(y)", "total = loss.item() * len(y)"),
            (
                "        count += len(y)\n    return total / count\n\n\ndef evaluate",
                "        count = len(y)\n    return total / count\n\n\ndef evaluate",
            ),
        ),
    ),
    Misconception(
        id="train_sum_loss",
        exercise="train_epoch",
        hint="Your loss for the step is the sum over the batch: the steps are too large by the size of the batch. cross_entropy's mean is meant.",
        edits=(("F.cross_entropy(model(x), y)", "F.cross_entropy(model(x), y, reduction='sum')"), ("loss.item() * len(y)", "loss.item()")),
    ),
    Misconception(
        id="train_not_moved",
        exercise="train_epoch",
        hint="You do not move the batches to the device: on a GPU the first one fails. x.to(device), y.to(device).",
        edits=(("        x, y = x.to(device), y.to(device)\n", ""),),
    ),
    Misconception(
        id="eval_mean_of_batches",
        exercise="train_epoch",
        hint="Your accuracy is the mean of the batches' accuracies: with a small last batch that is not the share of right answers. Count right answers and examples.",
        edits=(
            (
                "right += (model(x.to(device)).argmax(dim=1) == y.to(device)).sum().item()",
                "right += (model(x.to(device)).argmax(dim=1) == y.to(device)).float().mean().item()",
            ),
            ("            count += len(y)\n    return right / count", "            count += 1\n    return right / count"),
        ),
    ),
    Misconception(
        id="eval_full_batches",
        exercise="train_epoch",
        hint="You divide by (number of batches) × (size of the first batch), as if the last one were full.",
        edits=(
            (
                "            count += len(y)\n    return right / count",
                "            size = size if count else len(y)\n            count += size\n    return right / count",
            ),
        ),
    ),
    Misconception(
        id="eval_train_mode",
        exercise="train_epoch",
        hint="You evaluate in training mode: BatchNorm uses the statistics of the test batches and overwrites its own. Call model.eval(), not train_mode or train.",
        edits=(("    model.eval()\n", "    train_mode(model)\n"),),
    ),
    Misconception(
        id="eval_no_mode",
        exercise="train_epoch",
        hint="evaluate leaves the mode as it was: after a training epoch you evaluate with batch statistics and dropout. Call model.eval() first.",
        edits=(("    model.eval()\n", ""),),
    ),
    Misconception(
        id="eval_records_gradients",
        exercise="train_epoch",
        hint="Your evaluation records a graph that nobody needs, which costs memory and time. Use `with torch.no_grad():`.",
        edits=(("with torch.no_grad():", "with torch.enable_grad():"),),
    ),
    Misconception(
        id="eval_percent",
        exercise="train_epoch",
        hint="Your accuracy is in percent. It should be between 0 and 1.",
        edits=(("return right / count", "return 100 * right / count"),),
    ),
    Misconception(
        id="eval_per_batch",
        exercise="train_epoch",
        hint="You divide by the number of batches. The share of right answers is their number divided by the number of examples.",
        edits=(("            count += len(y)\n    return right / count", "            count += 1\n    return right / count"),),
    ),
    Misconception(
        id="eval_argmax_of_columns",
        exercise="train_epoch",
        hint="argmax(dim=0) finds the best image of each class. The best class of each image is argmax(dim=1).",
        edits=(("argmax(dim=1)", "argmax(dim=0)"),),
    ),
    Misconception(
        id="eval_freezes",
        exercise="train_epoch",
        hint="After evaluate no parameter requires a gradient any more, and the next epoch trains nothing. `with torch.no_grad():` is enough.",
        edits=(("    model.eval()\n", "    model.eval()\n    model.requires_grad_(False)\n"),),
    ),
    Misconception(
        id="eval_ends_in_training",
        exercise="train_epoch",
        hint="evaluate puts the model into training mode at its end, also one that was in eval mode. train_mode at the beginning of an epoch does all that is needed.",
        edits=(("    return right / count", "    model.train()\n    return right / count"),),
    ),
    Misconception(
        id="eval_tensor",
        exercise="train_epoch",
        hint="Your accuracy is a tensor. Make it a float with .item().",
        edits=((".sum().item()", ".sum()"),),
    ),
)

FEATURES = (
    Misconception(
        id="features_train_mode",
        exercise="extract_features",
        hint="The body is in training mode: features depend on the other images of the batch, and the running statistics move. Call model.eval() first.",
        edits=(("    model.eval()\n", "    model.train()\n"),),
    ),
    Misconception(
        id="features_no_mode",
        exercise="extract_features",
        hint="You leave the mode as it was: after training, features are extracted with batch statistics. Call model.eval() first.",
        edits=(("    model.eval()\n", ""),),
    ),
    Misconception(
        id="features_are_scores",
        exercise="extract_features",
        hint="You return the scores of the head. The features are what the body gives.",
        edits=(("model.body(x.to(device))", "model(x.to(device))"),),
    ),
    Misconception(
        id="features_graph",
        exercise="extract_features",
        hint="Your features still carry the graph of every batch. Use `with torch.no_grad():`.",
        edits=(("with torch.no_grad():", "with torch.enable_grad():"),),
    ),
    Misconception(
        id="features_detached_late",
        exercise="extract_features",
        hint="You detach the features, but the body still records a graph for each batch. Use `with torch.no_grad():`.",
        edits=(
            ("with torch.no_grad():", "with torch.enable_grad():"),
            (".cpu())\n            labels", ".detach().cpu())\n            labels"),
        ),
    ),
    Misconception(
        id="features_stay_on_the_device",
        exercise="extract_features",
        hint="Your features stay on the device, and fill a GPU's memory. Fetch them with .cpu().",
        edits=(("model.body(x.to(device)).cpu()", "model.body(x.to(device))"),),
    ),
    Misconception(
        id="features_images_not_moved",
        exercise="extract_features",
        hint="You do not move the images to the device: on a GPU the first batch fails.",
        edits=(("model.body(x.to(device))", "model.body(x)"),),
    ),
    Misconception(
        id="features_last_batch_only",
        exercise="extract_features",
        hint="Only the features of the last batch come back.",
        edits=(("return torch.cat(features), torch.cat(labels)", "return features[-1], labels[-1]"),),
    ),
    Misconception(
        id="features_full_batches_only",
        exercise="extract_features",
        hint="The smaller last batch is missing.",
        edits=(
            (
                "return torch.cat(features), torch.cat(labels)",
                "full = [len(f) == len(features[0]) for f in features]\n    return torch.cat([f for f, k in zip(features, full) if k]), torch.cat([y for y, k in zip(labels, full) if k])",
            ),
        ),
    ),
    Misconception(
        id="features_sorted",
        exercise="extract_features",
        hint="You sort features and labels by class. They should stand in the loader's order.",
        edits=(
            (
                "return torch.cat(features), torch.cat(labels)",
                "features, labels = torch.cat(features), torch.cat(labels)\n    order = torch.argsort(labels, stable=True)\n    return features[order], labels[order]",
            ),
        ),
    ),
    Misconception(
        id="features_head_removed",
        exercise="extract_features",
        hint="You replace the head by nn.Identity and leave it so: the model has lost its head afterwards. Call model.body.",
        edits=(("    model.eval()\n", "    model.eval()\n    model.head = nn.Identity()\n"),),
    ),
    Misconception(
        id="features_freeze",
        exercise="extract_features",
        hint="After your function the body requires no gradients any more. `with torch.no_grad():` is enough, and leaves the model as it was.",
        edits=(("    model.eval()\n", "    model.eval()\n    model.body.requires_grad_(False)\n"),),
    ),
    Misconception(
        id="features_end_in_training",
        exercise="extract_features",
        hint="You put the model into training mode at the end, also one that was in eval mode. Leave it in eval mode, or as it was.",
        edits=(("    return torch.cat(features)", "    model.train()\n    return torch.cat(features)"),),
    ),
    Misconception(
        id="features_relu",
        exercise="extract_features",
        hint="You cut the features off at 0. Return what the body gives.",
        edits=(("model.body(x.to(device)).cpu()", "model.body(x.to(device)).relu().cpu()"),),
    ),
    Misconception(
        id="features_normalised",
        exercise="extract_features",
        hint="You scale each feature vector to length 1. Return the features as they are.",
        edits=(("model.body(x.to(device)).cpu()", "F.normalize(model.body(x.to(device))).cpu()"),),
    ),
)

PROBE = (
    Misconception(
        id="probe_random_start",
        exercise="linear_probe",
        hint="Your layer starts from random weights. Set weight and bias to zero first.",
        edits=(
            ("    nn.init.zeros_(head.weight)\n    nn.init.zeros_(head.bias)\n", "    torch.manual_seed(0)\n    head.reset_parameters()\n"),
        ),
    ),
    Misconception(
        id="probe_random_bias",
        exercise="linear_probe",
        hint="Your bias starts from random numbers. Set it to zero as well.",
        edits=(("    nn.init.zeros_(head.bias)\n", "    torch.manual_seed(0)\n    nn.init.uniform_(head.bias, -0.5, 0.5)\n"),),
    ),
    Misconception(
        id="probe_softmax_twice",
        exercise="linear_probe",
        hint="You put a softmax before cross_entropy, which contains one. Pass the scores.",
        edits=(("F.cross_entropy(head(features), labels)", "F.cross_entropy(head(features).softmax(dim=1), labels)"),),
    ),
    Misconception(
        id="probe_no_zero_grad",
        exercise="linear_probe",
        hint="The first step is right, the later ones are not: gradients of earlier steps add up. Call zero_grad in every step.",
        edits=(("        optimizer.zero_grad()\n", ""),),
    ),
    Misconception(
        id="probe_one_step_more",
        exercise="linear_probe",
        hint="You do one step too many.",
        edits=(("range(steps)", "range(steps + 1)"),),
    ),
    Misconception(
        id="probe_momentum",
        exercise="linear_probe",
        hint="The first step is right, the later ones go too far: plain gradient descent has no momentum.",
        edits=(("lr=lr)\n", "lr=lr, momentum=0.9)\n"),),
    ),
    Misconception(
        id="probe_adam",
        exercise="linear_probe",
        hint="Your steps have Adam's size, about lr in every entry. Plain gradient descent is meant.",
        edits=(("torch.optim.SGD(", "torch.optim.Adam("),),
    ),
    Misconception(
        id="probe_sum",
        exercise="linear_probe",
        hint="Your steps are too large by the number of examples: the loss is the mean, not the sum.",
        edits=(("F.cross_entropy(head(features), labels)", "F.cross_entropy(head(features), labels, reduction='sum')"),),
    ),
    Misconception(
        id="probe_example_by_example",
        exercise="linear_probe",
        hint="You step after every example. One step uses all examples at once.",
        source="""
def linear_probe(features, labels, num_classes, steps=300, lr=1.0):
    head = nn.Linear(features.shape[1], num_classes, dtype=features.dtype, device=features.device)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.SGD(head.parameters(), lr=lr)
    for _ in range(steps):
        for f, y in zip(features, labels):
            loss = F.cross_entropy(head(f[None]), y[None])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return head
""",
    ),
    Misconception(
        id="probe_bias_not_trained",
        exercise="linear_probe",
        hint="The bias stays 0: give the optimizer both parameters of the layer.",
        edits=(("torch.optim.SGD(head.parameters(), lr=lr)", "torch.optim.SGD([head.weight], lr=lr)"),),
    ),
    Misconception(
        id="probe_weight_decay",
        exercise="linear_probe",
        hint="The first step is right, then your weights are a little too small: there is no weight decay here.",
        edits=(("lr=lr)\n", "lr=lr, weight_decay=0.01)\n"),),
    ),
    Misconception(
        id="probe_fixed_lr",
        exercise="linear_probe",
        hint="Your steps do not follow the argument lr.",
        edits=(("lr=lr)\n", "lr=1.0)\n"),),
    ),
    Misconception(
        id="probe_classes_from_labels",
        exercise="linear_probe",
        hint="You count the classes in the labels. A class without examples then has no row: use num_classes.",
        edits=(("features.shape[1], num_classes, dtype", "features.shape[1], int(labels.max()) + 1, dtype"),),
    ),
    Misconception(
        id="probe_few_default_steps",
        exercise="linear_probe",
        hint="By default there should be 300 steps with learning rate 1.",
        edits=(("steps=300, lr=1.0", "steps=100, lr=1.0"),),
    ),
    Misconception(
        id="probe_stops_early",
        exercise="linear_probe",
        hint="You stop before all steps are done once the loss is small. The number of steps is given.",
        edits=(("        optimizer.zero_grad()\n", "        if loss.item() < 0.05:\n            break\n        optimizer.zero_grad()\n"),),
    ),
    Misconception(
        id="probe_first_examples",
        exercise="linear_probe",
        hint="With many examples your steps use only the first ones. One step uses all examples at once.",
        edits=(("F.cross_entropy(head(features), labels)", "F.cross_entropy(head(features[:64]), labels[:64])"),),
    ),
    Misconception(
        id="probe_marks_features",
        exercise="linear_probe",
        hint="The caller's features require a gradient after your function. Only the layer's parameters need one.",
        edits=(("    nn.init.zeros_(head.weight)\n", "    features.requires_grad_()\n    nn.init.zeros_(head.weight)\n"),),
    ),
    Misconception(
        id="probe_squared_error",
        exercise="linear_probe",
        hint="Your loss is the squared distance from one-hot labels. Softmax regression minimises the cross-entropy.",
        edits=(("F.cross_entropy(head(features), labels)", "F.mse_loss(head(features), F.one_hot(labels, num_classes).to(features.dtype))"),),
    ),
    Misconception(
        id="probe_standardises",
        exercise="linear_probe",
        hint="You change the features in place. The caller, and the test features, do not know about it.",
        edits=(("    nn.init.zeros_(head.weight)\n", "    features -= features.mean(dim=0)\n    nn.init.zeros_(head.weight)\n"),),
    ),
)

GROUPS = (
    Misconception(
        id="groups_overlap",
        exercise="param_groups",
        hint="The head's parameters are in both groups: model.parameters() is body and head. PyTorch refuses that.",
        edits=(("model.body.parameters()", "model.parameters()"),),
    ),
    Misconception(
        id="groups_swapped",
        exercise="param_groups",
        hint="The learning rates are swapped: the body, which is nearly right, gets the small one.",
        edits=(('"lr": lr_body', '"lr": lr_head '), ('"lr": lr_head}', '"lr": lr_body}')),
    ),
    Misconception(
        id="groups_frozen_included",
        exercise="param_groups",
        hint="Frozen parameters are in your groups. Weight decay or an old gradient would still move them; leave out what requires no gradient.",
        edits=(("[p for p in model.body.parameters() if p.requires_grad]", "list(model.body.parameters())"),),
    ),
    Misconception(
        id="groups_frozen_head_included",
        exercise="param_groups",
        hint="A frozen parameter of the head is in your groups: leave out what requires no gradient there, too.",
        edits=(("[p for p in model.head.parameters() if p.requires_grad]", "list(model.head.parameters())"),),
    ),
    Misconception(
        id="groups_wrong_key",
        exercise="param_groups",
        hint='The key is "lr". A group with another key is accepted without a word and trains with the default rate.',
        edits=(('"lr": lr_body', '"learning_rate": lr_body'), ('"lr": lr_head', '"learning_rate": lr_head')),
    ),
    Misconception(
        id="groups_no_body",
        exercise="param_groups",
        hint="The body is in no group: it is not trained at all.",
        edits=(('        {"params": [p for p in model.body.parameters() if p.requires_grad], "lr": lr_body},\n', ""),),
    ),
    Misconception(
        id="groups_one_rate",
        exercise="param_groups",
        hint="Body and head have the same learning rate.",
        edits=(('"lr": lr_body', '"lr": lr_head '),),
    ),
    Misconception(
        id="groups_weights_only",
        exercise="param_groups",
        hint="The head's bias is in no group: take all parameters of the head, not only its weight.",
        edits=(("[p for p in model.head.parameters() if p.requires_grad]", "[model.head.weight]"),),
    ),
    Misconception(
        id="groups_whole_blocks",
        exercise="param_groups",
        hint="You leave out a whole block where one of its parameters is frozen. Ask each parameter for itself.",
        edits=(
            (
                "[p for p in model.body.parameters() if p.requires_grad]",
                "[p for block in model.body for p in block.parameters() if all(q.requires_grad for q in block.parameters())]",
            ),
        ),
    ),
    Misconception(
        id="groups_always_a_tenth",
        exercise="param_groups",
        hint="The body's rate is always a tenth of the head's in your groups. Use lr_body.",
        edits=(('"lr": lr_body', '"lr": lr_head / 10'),),
    ),
    Misconception(
        id="groups_not_batchnorm",
        exercise="param_groups",
        hint="The scale and shift of BatchNorm are in no group; they have one axis, and are trained like all others.",
        edits=(("model.body.parameters() if p.requires_grad]", "model.body.parameters() if p.requires_grad and p.dim() > 1]"),),
    ),
)

PREPARE = (
    Misconception(
        id="prepare_optimizer_first",
        exercise="prepare",
        hint="The optimizer is made before the head is replaced: it holds the old head's parameters and never touches the new one. Make it last.",
        source="""
def prepare(model, num_classes, blocks, lr_body, lr_head):
    optimizer = torch.optim.SGD(param_groups(model, lr_body, lr_head), lr=lr_head, momentum=0.9)
    replace_head(model, num_classes)
    freeze(model, blocks)
    return optimizer
""",
    ),
    Misconception(
        id="prepare_all_frozen",
        exercise="prepare",
        hint="model.requires_grad_(False) freezes the new head, too, and blocks that should be trained. freeze does all that is needed.",
        source="""
def prepare(model, num_classes, blocks, lr_body, lr_head):
    replace_head(model, num_classes)
    model.requires_grad_(False)
    freeze(model, blocks)
    groups = [{"params": list(model.body.parameters()), "lr": lr_body}, {"params": list(model.head.parameters()), "lr": lr_head}]
    return torch.optim.SGD(groups, lr=lr_head, momentum=0.9)
""",
    ),
    Misconception(
        id="prepare_body_all_frozen",
        exercise="prepare",
        hint="The whole body is frozen, whatever blocks says: only the head moves.",
        source="""
def prepare(model, num_classes, blocks, lr_body, lr_head):
    model.requires_grad_(False)
    replace_head(model, num_classes)
    freeze(model, blocks)
    return torch.optim.SGD(param_groups(model, lr_body, lr_head), lr=lr_head, momentum=0.9)
""",
    ),
    Misconception(
        id="prepare_no_freeze",
        exercise="prepare",
        hint="Nothing is frozen any more: the first blocks should not change.",
        edits=(("    freeze(model, blocks)\n", ""),),
    ),
    Misconception(
        id="prepare_freezes_all_blocks",
        exercise="prepare",
        hint="You freeze all blocks, whatever blocks says.",
        edits=(("freeze(model, blocks)", "freeze(model)"),),
    ),
    Misconception(
        id="prepare_one_rate",
        exercise="prepare",
        hint="Body and head are trained with one rate: use param_groups.",
        edits=(("param_groups(model, lr_body, lr_head)", "[p for p in model.parameters() if p.requires_grad]"),),
    ),
    Misconception(
        id="prepare_head_only",
        exercise="prepare",
        hint="Your optimizer holds the head only; blocks that are not frozen should be trained, too.",
        edits=(("param_groups(model, lr_body, lr_head)", "model.head.parameters()"),),
    ),
    Misconception(
        id="prepare_zero_is_all",
        exercise="prepare",
        hint="With blocks=0 you freeze everything: `blocks or None` is None for 0. Hand blocks on as it is.",
        edits=(("freeze(model, blocks)", "freeze(model, blocks or None)"),),
    ),
    Misconception(
        id="prepare_rates_swapped",
        exercise="prepare",
        hint="The learning rates are swapped on the way to param_groups: lr_body comes first.",
        edits=(("param_groups(model, lr_body, lr_head)", "param_groups(model, lr_head, lr_body)"),),
    ),
    Misconception(
        id="prepare_adam",
        exercise="prepare",
        hint="Your optimizer is Adam, whose steps are about as large as the learning rate. Asked for is SGD with momentum 0.9.",
        edits=(("torch.optim.SGD(param_groups(model, lr_body, lr_head), lr=lr_head, momentum=0.9)", "torch.optim.Adam(param_groups(model, lr_body, lr_head), lr=lr_head)"),),
    ),
    Misconception(
        id="prepare_trains_frozen",
        exercise="prepare",
        hint="After freezing you call model.train(): the frozen blocks are in training mode again. freeze has set all modes.",
        edits=(("    freeze(model, blocks)\n", "    freeze(model, blocks)\n    model.train()\n"),),
    ),
    Misconception(
        id="prepare_no_momentum",
        exercise="prepare",
        hint="The first step is right, the later ones are too small: the momentum of 0.9 got lost.",
        edits=((", momentum=0.9", ""),),
    ),
)

TUNE = (
    Misconception(
        id="tune_last_state",
        exercise="fine_tune",
        hint="The model ends in the state of the last epoch. Load the best one at the end.",
        edits=(("    model.load_state_dict(best_state)\n", ""),),
    ),
    Misconception(
        id="tune_aliased",
        exercise="fine_tune",
        hint="`state_dict()` is no copy: its tensors are the model's own and go on changing, so what you load at the end is the last state. A `dict(...)` or `.copy()` of it holds the same tensors: deep-copy it.",
        edits=(("copy.deepcopy(model.state_dict())", "model.state_dict()"),),
    ),
    Misconception(
        id="tune_parameters_only",
        exercise="fine_tune",
        hint="The weights are those of the best epoch, but BatchNorm's running statistics are those of the last one: they are buffers. Keep the whole state_dict.",
        edits=(
            ("copy.deepcopy(model.state_dict())", "{name: p.detach().clone() for name, p in model.named_parameters()}"),
            ("model.load_state_dict(best_state)", "model.load_state_dict(best_state, strict=False)"),
        ),
    ),
    Misconception(
        id="tune_last_of_equals",
        exercise="fine_tune",
        hint="When several epochs are equally good you keep the last one: the first is wanted, so compare with >.",
        edits=(("if accuracy > best:", "if accuracy >= best:"),),
    ),
    Misconception(
        id="tune_zero_is_no_best",
        exercise="fine_tune",
        hint="When the accuracy is never above 0, you keep no state at all. Start below 0.",
        edits=(("best, best_state = -1.0, None", "best, best_state = 0.0, copy.deepcopy(model.state_dict())"),),
    ),
    Misconception(
        id="tune_worst",
        exercise="fine_tune",
        hint="You keep the epoch with the lowest accuracy: lower is better for a loss, not for an accuracy.",
        edits=(("best, best_state = -1.0, None", "best, best_state = 2.0, None"), ("if accuracy > best:", "if accuracy < best:")),
    ),
    Misconception(
        id="tune_best_by_loss",
        exercise="fine_tune",
        hint="You keep the epoch with the lowest training loss, which is nearly always the last one. The validation accuracy decides.",
        edits=(
            ("best, best_state = -1.0, None", "best, best_state = 1e9, None"),
            ("if accuracy > best:\n            best,", "if history['loss'][-1] < best:\n            best,"),
            ("= accuracy, copy", "= history['loss'][-1], copy"),
        ),
    ),
    Misconception(
        id="tune_best_never_updated",
        exercise="fine_tune",
        hint="You compare every epoch with the first best and never raise it: the last epoch above it is kept.",
        edits=(("best, best_state = accuracy, copy.deepcopy(model.state_dict())", "best_state = copy.deepcopy(model.state_dict())"),),
    ),
    Misconception(
        id="tune_evaluates_on_training",
        exercise="fine_tune",
        hint="You measure the accuracy on the training images. The validation loader is the second of the pair.",
        edits=(("evaluate(model, val_loader, device)", "evaluate(model, train_loader, device)"),),
    ),
    Misconception(
        id="tune_trains_on_validation",
        exercise="fine_tune",
        hint="The loaders are swapped: the first of the pair is for training.",
        edits=(("train_loader, val_loader = loaders", "val_loader, train_loader = loaders"),),
    ),
    Misconception(
        id="tune_stops_early",
        exercise="fine_tune",
        hint="You stop as soon as the accuracy falls. All epochs are run, and the best one is kept.",
        edits=(("        if accuracy > best:", "        if accuracy < best:\n            break\n        if accuracy > best:"),),
    ),
    Misconception(
        id="tune_history_of_bests",
        exercise="fine_tune",
        hint='history["accuracy"] holds the best accuracy so far. Asked for is that of each epoch.',
        edits=(('history["accuracy"].append(accuracy)', 'history["accuracy"].append(max(best, accuracy))'),),
    ),
    Misconception(
        id="tune_scheduler_per_batch",
        exercise="fine_tune",
        hint="Your scheduler steps once per batch: the learning rate is gone after a few batches. Once per epoch.",
        edits=(("            scheduler.step()", "            for _ in train_loader:\n                scheduler.step()"),),
    ),
    Misconception(
        id="tune_scheduler_first",
        exercise="fine_tune",
        hint="Your scheduler steps before the epoch: the first learning rate is never used. Step after the epoch's training.",
        edits=(
            ('        history["loss"].append(train_epoch(model, train_loader, optimizer, device))\n', ""),
            (
                "            scheduler.step()\n",
                '            scheduler.step()\n        history["loss"].append(train_epoch(model, train_loader, optimizer, device))\n',
            ),
        ),
    ),
    Misconception(
        id="tune_no_scheduler",
        exercise="fine_tune",
        hint="The scheduler never steps: the learning rate stays where it began.",
        edits=(("            scheduler.step()", "            pass"),),
    ),
    Misconception(
        id="tune_needs_scheduler",
        exercise="fine_tune",
        hint="With scheduler=None your code still calls its step.",
        edits=(("        if scheduler is not None:\n            scheduler.step()", "        scheduler.step()"),),
    ),
    Misconception(
        id="tune_evaluates_first",
        exercise="fine_tune",
        hint="You evaluate before training: the accuracies are one epoch behind, and the last state is never looked at.",
        edits=(
            ('        history["loss"].append(train_epoch(model, train_loader, optimizer, device))\n', ""),
            (
                "            best, best_state = accuracy, copy.deepcopy(model.state_dict())\n",
                '            best, best_state = accuracy, copy.deepcopy(model.state_dict())\n        history["loss"].append(train_epoch(model, train_loader, optimizer, device))\n',
            ),
        ),
    ),
    Misconception(
        id="tune_one_epoch_less",
        exercise="fine_tune",
        hint="There is one epoch too few.",
        edits=(("range(epochs)", "range(1, max(epochs, 2))"),),
    ),
)

SALIENCY = (
    Misconception(
        id="saliency_of_the_loss",
        exercise="compute_saliency_maps",
        hint="You take the gradient of the loss. It mixes in all other classes and vanishes where the network is sure; take the score of the right class.",
        edits=(("model(X).gather(1, y[:, None])", "F.cross_entropy(model(X), y, reduction='none')"),),
    ),
    Misconception(
        id="saliency_of_the_probability",
        exercise="compute_saliency_maps",
        hint="You take the gradient of the probability. Take that of the score, before any softmax.",
        edits=(("model(X).gather", "model(X).softmax(dim=1).gather"),),
    ),
    Misconception(
        id="saliency_all_scores",
        exercise="compute_saliency_maps",
        hint="You sum the scores of all classes. Pick the one of each image's class.",
        edits=(("model(X).gather(1, y[:, None])", "model(X)"),),
    ),
    Misconception(
        id="saliency_of_the_prediction",
        exercise="compute_saliency_maps",
        hint="You take the largest score, that of the predicted class. The class is given by y.",
        edits=(("model(X).gather(1, y[:, None])", "model(X).amax(dim=1)"),),
    ),
    Misconception(
        id="saliency_columns",
        exercise="compute_saliency_maps",
        hint="`scores[:, y]` is the whole table of images and labels: every image also gets the classes of the others. One score per row: gather, or scores[arange, y].",
        edits=(("model(X).gather(1, y[:, None])", "model(X)[:, y]"),),
    ),
    Misconception(
        id="saliency_no_abs",
        exercise="compute_saliency_maps",
        hint="You take the maximum of signed gradients: strong negative ones are lost. Absolute value first, then the maximum.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.amax(dim=1)"),),
    ),
    Misconception(
        id="saliency_abs_late",
        exercise="compute_saliency_maps",
        hint="You take the absolute value after the maximum: strong negative gradients are lost. The other way round.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.amax(dim=1).abs()"),),
    ),
    Misconception(
        id="saliency_mean_channels",
        exercise="compute_saliency_maps",
        hint="You average over the channels. Take their maximum.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.abs().mean(dim=1)"),),
    ),
    Misconception(
        id="saliency_sum_channels",
        exercise="compute_saliency_maps",
        hint="You sum over the channels. Take their maximum.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.abs().sum(dim=1)"),),
    ),
    Misconception(
        id="saliency_wrong_axis",
        exercise="compute_saliency_maps",
        hint="You take the maximum over the columns of the image. The channels are axis 1.",
        edits=(("amax(dim=1)", "amax(dim=3)"),),
    ),
    Misconception(
        id="saliency_norm",
        exercise="compute_saliency_maps",
        hint="You take the length of the gradient over the channels. Take the largest magnitude.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.norm(dim=1)"),),
    ),
    Misconception(
        id="saliency_positive_only",
        exercise="compute_saliency_maps",
        hint="You keep positive gradients only: a pixel that would lower the score when it gets brighter counts as much. Take the absolute value.",
        edits=(("gradient.abs()", "gradient.relu()"),),
    ),
    Misconception(
        id="saliency_unfreezes",
        exercise="compute_saliency_maps",
        hint="After your function frozen parameters require gradients again. Only X needs one.",
        edits=(("    model.eval()\n", "    model.eval()\n    model.requires_grad_(True)\n"),),
    ),
    Misconception(
        id="saliency_ends_in_training",
        exercise="compute_saliency_maps",
        hint="You put the model into training mode at the end, also one that was in eval mode. Leave it in eval mode, or as it was.",
        edits=(("    return gradient", "    model.train()\n    return gradient"),),
    ),
    Misconception(
        id="saliency_keeps_channel_axis",
        exercise="compute_saliency_maps",
        hint="Your maps have shape (N, 1, H, W). The channel axis goes away.",
        edits=(("amax(dim=1)", "amax(dim=1, keepdim=True)"),),
    ),
    Misconception(
        id="saliency_squeezed",
        exercise="compute_saliency_maps",
        hint="A single image comes back without its batch axis. Do not squeeze.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.abs().amax(dim=1).squeeze()"),),
    ),
    Misconception(
        id="saliency_mean_score",
        exercise="compute_saliency_maps",
        hint="Your maps are too small by the number of images: you average the scores before the gradient. Sum them.",
        edits=(("scores.sum()", "scores.mean()"),),
    ),
    Misconception(
        id="saliency_scaled",
        exercise="compute_saliency_maps",
        hint="You scale the maps to a maximum of 1. Return the gradients' own size; scale when you draw.",
        edits=(("gradient.abs().amax(dim=1)", "gradient.abs().amax(dim=1) / gradient.abs().amax()"),),
    ),
    Misconception(
        id="saliency_train_mode",
        exercise="compute_saliency_maps",
        hint="The network is in training mode: one image's score depends on the others, and the running statistics move. Call model.eval() first.",
        edits=(("    model.eval()\n", ""), ("    X = X.detach()", "    torch.manual_seed(0)\n    X = X.detach()")),
    ),
    Misconception(
        id="saliency_marks_input",
        exercise="compute_saliency_maps",
        hint="X of the caller requires a gradient afterwards. Work on a copy.",
        edits=(("X = X.detach().clone().requires_grad_()", "X.requires_grad_()"),),
    ),
    Misconception(
        id="saliency_times_input",
        exercise="compute_saliency_maps",
        hint="You multiply the gradient by the pixels. The map is the gradient alone.",
        edits=(("gradient.abs()", "(gradient * X).abs().detach()"),),
    ),
    Misconception(
        id="saliency_keeps_graph",
        exercise="compute_saliency_maps",
        hint="Your maps still carry a graph (create_graph keeps it). They are numbers to look at: detach them.",
        edits=(("torch.autograd.grad(scores.sum(), X)", "torch.autograd.grad(scores.sum(), X, create_graph=True)"),),
    ),
)

MISCONCEPTIONS = STATS + SELECT + HEAD + FREEZE + MODE + LOOPS + FEATURES + PROBE + GROUPS + PREPARE + TUNE + SALIENCY
