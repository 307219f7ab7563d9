"""A heap in a list: the smallest is first."""
def heappush(heap, item):
    heap.append(item)
    i = len(heap) - 1
    while i and heap[i] < heap[(i - 1) // 2]:
        up = (i - 1) // 2
        heap[i], heap[up] = heap[up], heap[i]
        i = up

def _sink(heap, i):
    n = len(heap)
    while True:
        least = i
        for j in 2 * i + 1, 2 * i + 2:
            if j < n and heap[j] < heap[least]:
                least = j
        if least == i:
            return
        heap[i], heap[least] = heap[least], heap[i]
        i = least

def heappop(heap):
    last = heap.pop()
    if not heap:
        return last
    first, heap[0] = heap[0], last
    _sink(heap, 0)
    return first

def heapify(heap):
    for i in range(len(heap) // 2 - 1, -1, -1):
        _sink(heap, i)

def heappushpop(heap, item):
    heappush(heap, item)
    return heappop(heap)

def nlargest(n, iterable, key=None):
    return sorted(iterable, key=key, reverse=True)[:n]

def nsmallest(n, iterable, key=None):
    return sorted(iterable, key=key)[:n]
