"""The rules of the practice as data: every figure, typed and checked."""
