# assignment: geometry
# question: receptive_field
# function: receptive_field
# kind: cell
# says: The indentation is broken: the line after for has to be indented.
# shows: line r += (k - 1) * jump
# shows: raises SyntaxError, IndentationError
# %%
def receptive_field(layers):
    r, jump = 1, 1
    for k, s in layers:
    r += (k - 1) * jump
        jump *= s
    return r
