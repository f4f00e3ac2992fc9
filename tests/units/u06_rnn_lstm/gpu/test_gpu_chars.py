"""The reference's character model and training step on a GPU agree with the CPU."""

import copy

import pytest

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")]


@pytest.fixture
def exact():
    """Switch off the shortened number format of products on recent GPUs."""
    kept = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = kept


def twins(reference):
    """Return the same model on the CPU and on the GPU, and pieces (x, y) of random tokens on the CPU."""
    torch.manual_seed(0)
    model = reference.CharLSTM(30, 16, 32)
    pieces = [(torch.randint(30, (8, 20)), torch.randint(30, (8, 20))) for _ in range(4)]
    return model, copy.deepcopy(model).cuda(), pieces


def test_model_agrees(reference, exact):
    """Logits and states on the GPU are those of the CPU up to rounding."""
    model, twin, pieces = twins(reference)
    with torch.no_grad():
        logits, (h, c) = model(pieces[0][0])
        twin_logits, (twin_h, twin_c) = twin(pieces[0][0].cuda())
    for mine, other in ((logits, twin_logits), (h, twin_h), (c, twin_c)):
        assert other.is_cuda
        torch.testing.assert_close(other.cpu(), mine, rtol=1e-3, atol=1e-4)


def test_training_agrees(reference, exact):
    """Four pieces with the state carried over give the CPU's losses, and the state stays on the GPU."""
    model, twin, pieces = twins(reference)
    here, there = (torch.optim.SGD(m.parameters(), lr=0.1) for m in (model, twin))
    hidden = twin_hidden = None
    for x, y in pieces:
        loss, hidden = reference.train_step(model, (x, y), hidden, here, 0.5)
        twin_loss, twin_hidden = reference.train_step(twin, (x.cuda(), y.cuda()), twin_hidden, there, 0.5)
        assert twin_loss == pytest.approx(loss, rel=1e-3)
        assert all(state.is_cuda and not state.requires_grad for state in twin_hidden)


def test_mixed_precision_trains(reference):
    """With autocast the loss on one piece falls."""
    _, twin, pieces = twins(reference)
    batch = tuple(t.cuda() for t in pieces[0])
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.01)
    losses = []
    for _ in range(40):
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss, _ = reference.train_step(twin, batch, None, optimizer, 1.0)
        losses.append(loss)
    assert losses[-1] < 0.8 * losses[0]
