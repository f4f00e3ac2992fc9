"""The reference's network and training on a GPU agree with the CPU, and are faster."""

import copy
import time

import pytest

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")]
CPU = torch.device("cpu")


def batches(count, size, seed):
    """Return batches of random colour images with labels."""
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.randn(count, 3, 16, 16, generator=generator), torch.randint(10, (count,), generator=generator)
    return list(zip(X.split(size), y.split(size), strict=True))


@pytest.fixture
def exact():
    """Switch off the shortened number format of convolutions and products on recent GPUs."""
    kept = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = kept


def test_forward_and_gradients_agree(reference, exact):
    """Scores and gradients on the GPU are those of the CPU up to rounding."""
    torch.manual_seed(0)
    model = reference.SmallConvNet(3, 10, width=8)
    twin = copy.deepcopy(model).cuda()
    x, y = batches(32, 32, 1)[0]
    scores, twin_scores = model(x), twin(x.cuda())
    torch.testing.assert_close(twin_scores.cpu(), scores, rtol=1e-3, atol=1e-4)
    torch.nn.functional.cross_entropy(scores, y).backward()
    torch.nn.functional.cross_entropy(twin_scores, y.cuda()).backward()
    for mine, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(other.grad.cpu(), mine.grad, rtol=1e-2, atol=1e-4)


def test_inception_agrees(reference, exact):
    """An Inception module on the GPU gives the CPU's output."""
    torch.manual_seed(0)
    module = reference.InceptionModule(3, 8, (4, 8), (4, 8), 8)
    x = torch.randn(4, 3, 9, 11)
    torch.testing.assert_close(module.cuda()(x.cuda()).cpu(), module.cpu()(x), rtol=1e-3, atol=1e-4)


def test_epoch_agrees(reference, exact):
    """One epoch with batches from the CPU's memory gives the CPU's loss and accuracy, and the parameters stay on the GPU."""
    torch.manual_seed(0)
    model = reference.SmallConvNet(3, 10, width=8)
    twin = copy.deepcopy(model).cuda()
    loader, gpu = batches(100, 32, 2), torch.device("cuda")
    loss = reference.train_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.05), CPU)
    twin_loss = reference.train_epoch(twin, loader, torch.optim.SGD(twin.parameters(), lr=0.05), gpu)
    assert twin_loss == pytest.approx(loss, rel=1e-3)
    assert all(p.is_cuda for p in twin.parameters())
    assert reference.evaluate(twin, loader, gpu) == pytest.approx(reference.evaluate(model, loader, CPU), abs=0.05)


def test_mixed_precision_trains_faster_than_the_cpu(reference):
    """With autocast and channels last the loss falls, and an epoch takes a fraction of the CPU's time."""
    torch.manual_seed(0)
    gpu = torch.device("cuda")
    loader = batches(512, 128, 3)
    near = [(x.cuda().to(memory_format=torch.channels_last), y.cuda()) for x, y in loader]
    model = reference.SmallConvNet(3, 10, width=64)
    twin = copy.deepcopy(model).to(gpu, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(twin.parameters(), lr=3e-3)
    losses, seconds = [], []
    for _ in range(12):
        started = time.perf_counter()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            losses.append(reference.train_epoch(twin, near, optimizer, gpu))
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    started = time.perf_counter()
    reference.train_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.01), CPU)
    assert losses[-1] < 0.7 * losses[0]
    assert min(seconds) < 0.5 * (time.perf_counter() - started)
