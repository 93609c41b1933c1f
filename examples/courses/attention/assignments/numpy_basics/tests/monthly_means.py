from otter.test_files import test_case

OK_FORMAT = False

name = 'monthly_means'
points = 3.0


@test_case(name="examples")
def test_examples(monthly_means):
    assert len(monthly_means("weather.csv")) == 12
