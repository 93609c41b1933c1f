"""What a person adds to the imported assignment `primes` for a green audit."""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


@wrong("one-is-prime", "1 is no prime: it has one divisor only.")
def smallest():
    return 1


@wrong("two-as-text", "A number is asked for, and no text.")
def smallest():
    return "2"


@wrong("one-among-them", "1 is no prime: begin with 2.")
def primes_up_to(n):
    return [k for k in range(1, n + 1) if all(k % d for d in range(2, k))]


@wrong("end-left-out", "Up to n means that n counts, too.")
def primes_up_to(n):
    return [k for k in range(2, n) if all(k % d for d in range(2, k))]


@wrong("odd-numbers", "Not every odd number is prime: 9 is 3 times 3.")
def is_prime(n):
    return n == 2 or (n > 2 and n % 2 == 1)


@wrong("one-counts", "1 is no prime.")
def is_prime(n):
    return all(n % d for d in range(2, n))


@wrong("said-yes", "91 is 7 times 13.")
def answer():
    return True
