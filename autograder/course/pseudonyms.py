"""Pseudonyms, which tell nobody who somebody is but those who have the course's secret."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_WORDS = 3  # of 16 bits: of a hundred million classes of 2000, one has two who are called the same


@lru_cache(maxsize=1 << 14)
def pseudonym(secret: bytes, id: str) -> str:
    """What somebody is called instead, as long as the course keeps its secret: words that can be
    said (Wilkerson, "A Proposal for Proquints", arXiv:0901.4016)."""
    digest = hmac.digest(secret, b"pseudonym:" + id.encode(errors="surrogatepass"), hashlib.sha256)
    return "-".join(_word(int.from_bytes(digest[2 * number:2 * number + 2], "big"))
                    for number in range(_WORDS))


def _word(number: int) -> str:
    """Sixteen bits as two syllables and a consonant."""
    return "".join(letters[number >> shift & len(letters) - 1] for letters, shift in (
        (_CONSONANTS, 12), (_VOWELS, 10), (_CONSONANTS, 6), (_VOWELS, 4), (_CONSONANTS, 0)))
