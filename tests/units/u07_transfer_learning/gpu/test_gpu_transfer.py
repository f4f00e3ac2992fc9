"""The reference's functions on a GPU agree with the CPU."""

import copy

import pytest

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")]
CPU, GPU = torch.device("cpu"), torch.device("cuda")


def batches(count=50, size=20, seed=1):
    """Return batches of random images of the notebook's size with five labels, in the CPU's memory."""
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.randn(count, 3, 32, 32, generator=generator), torch.randint(5, (count,), generator=generator)
    return list(zip(X.split(size), y.split(size), strict=True))


def network(reference):
    """Return the notebook's network, untrained."""
    torch.manual_seed(0)
    return reference.TransferNet(reference.make_body(), torch.nn.Linear(48, 8))


@pytest.fixture
def exact():
    """Switch off the shortened number format of convolutions and products on recent GPUs."""
    kept = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = kept


def test_new_head_is_on_the_gpu(reference):
    """A new head lives where the model is."""
    model = reference.replace_head(network(reference).cuda(), 5)
    assert all(p.is_cuda for p in model.parameters())


def test_features_come_back_to_the_cpu(reference, exact):
    """Features that were extracted on the GPU are on the CPU, and are those that the CPU extracts."""
    model = network(reference)
    features, labels = reference.extract_features(copy.deepcopy(model).cuda(), batches(), GPU)
    assert not features.is_cuda
    assert not labels.is_cuda
    torch.testing.assert_close(features, reference.extract_features(model, batches(), CPU)[0], rtol=1e-3, atol=1e-4)


def test_probe_follows_its_features(reference, exact):
    """A probe of features on the GPU is trained there, to the CPU's weights."""
    features, labels = torch.randn(30, 6, generator=torch.Generator().manual_seed(0)), torch.arange(30) % 3
    head = reference.linear_probe(features.cuda(), labels.cuda(), 3, 20, 0.5)
    assert head.weight.is_cuda
    torch.testing.assert_close(head.weight.cpu(), reference.linear_probe(features, labels, 3, 20, 0.5).weight, rtol=1e-3, atol=1e-5)


def test_fine_tuning_agrees(reference, exact):
    """Fine-tuning above a frozen block starts with the CPU's loss, and the frozen block comes out as it went in."""
    model = network(reference)
    optimizer = reference.prepare(model, 5, 1, 0.001, 0.01)
    twin = copy.deepcopy(model).cuda()
    groups = [
        {"params": [p for p in part.parameters() if p.requires_grad], "lr": lr} for part, lr in ((twin.body, 0.001), (twin.head, 0.01))
    ]
    before = {name: tensor.clone() for name, tensor in twin.body[0].state_dict().items()}
    history = reference.fine_tune(model, (batches(), batches(seed=2)), 1, optimizer, None, CPU)
    other = reference.fine_tune(twin, (batches(), batches(seed=2)), 1, torch.optim.SGD(groups, lr=0.01, momentum=0.9), None, GPU)
    assert other["loss"][0] == pytest.approx(history["loss"][0], rel=1e-2)
    assert all(torch.equal(tensor, before[name]) for name, tensor in twin.body[0].state_dict().items())


def test_saliency_agrees(reference, exact):
    """Saliency maps on the GPU are those of the CPU."""
    model, (x, y) = network(reference), batches(8, 8)[0]
    maps = reference.compute_saliency_maps(x.cuda(), y.cuda(), copy.deepcopy(model).cuda())
    torch.testing.assert_close(maps.cpu(), reference.compute_saliency_maps(x, y, model), rtol=1e-2, atol=1e-4)


def test_mixed_precision_learns(reference):
    """With autocast and channels last the loss falls."""
    model = reference.replace_head(network(reference), 5).to(GPU, memory_format=torch.channels_last)
    loader = [((x + y[:, None, None, None]).to(memory_format=torch.channels_last), y) for x, y in batches()]  # brightness tells the label
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        losses = [reference.train_epoch(model, loader, optimizer, GPU) for _ in range(30)]
    assert losses[-1] < 0.7 * losses[0]
