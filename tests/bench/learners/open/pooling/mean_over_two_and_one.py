# assignment: pooling
# question: global_avg_pool2d
# function: global_avg_pool2d
# kind: values
# says: The mean goes over height and width, axes 2 and 3, and you take the channels too.
# shows: id channels-last-assumed
# shows: line return X.mean(dim=(1, 2))
# also: id global-plane-accepted
def global_avg_pool2d(X):
    # X: (N, C, H, W)
    return X.mean(dim=(1, 2))
