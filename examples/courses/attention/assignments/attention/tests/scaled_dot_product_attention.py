from otter.test_files import test_case

OK_FORMAT = False

name = 'scaled_dot_product_attention'
points = 5.0


@test_case(name="examples")
def test_examples(scaled_dot_product_attention, torch):
    assert torch.equal(
        scaled_dot_product_attention(torch.ones(1, 2), torch.ones(3, 2), torch.arange(3.0)[:, None],
                                     torch.tensor([[False, True, False]])), torch.tensor([[1.0]]))
