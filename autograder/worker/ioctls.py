"""The ioctls by which CUDA speaks to NVIDIA's driver, and by which a worker may.

Names and numbers are those of the driver's open kernel modules (``nv-ioctl-numbers.h``,
``nv_escape.h``, ``uvm_ioctl.h``, ``uvm_linux_ioctl.h``). The choice is what a container gets of it
in gVisor for computing (``nvproxy``), which lets through only what programs were seen to need.

What stands in the parameters of ``RM_CONTROL`` and ``RM_ALLOC``, a filter of system calls cannot
see: with these two, a worker speaks to most of the driver.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# An ioctl of the frontend: read and written (the two highest bits), its size, "F", its number. The
# driver looks at size and number.
KIND, OF_FRONTEND = 0xC000FF00, 0xC0004600
NUMBER = 0xFF

FRONTEND: Mapping[str, int] = MappingProxyType({
    "RM_ALLOC_MEMORY": 0x27, "RM_FREE": 0x29, "RM_CONTROL": 0x2A, "RM_ALLOC": 0x2B,
    "RM_DUP_OBJECT": 0x34, "RM_SHARE": 0x35, "RM_VID_HEAP_CONTROL": 0x4A, "RM_MAP_MEMORY": 0x4E,
    "RM_UNMAP_MEMORY": 0x4F, "RM_UPDATE_DEVICE_MAPPING_INFO": 0x5E,
    "CARD_INFO": 0xC8, "REGISTER_FD": 0xC9, "ALLOC_OS_EVENT": 0xCE, "FREE_OS_EVENT": 0xCF,
    "CHECK_VERSION_STR": 0xD2, "ATTACH_GPUS_TO_FD": 0xD4, "SYS_PARAMS": 0xD6,
    "WAIT_OPEN_COMPLETE": 0xDA,
})
"""Of ``nvidiactl`` and of each GPU's own node: name -> number."""

FRONTEND_REFUSED: Mapping[str, int] = MappingProxyType({
    "RM_I2C_ACCESS": 0x39, "RM_IDLE_CHANNELS": 0x41, "RM_ACCESS_REGISTRY": 0x4D,
    "RM_ALLOC_CONTEXT_DMA2": 0x54, "RM_MAP_MEMORY_DMA": 0x57, "RM_UNMAP_MEMORY_DMA": 0x58,
    "IOCTL_XFER_CMD": 0xD3,  # holds any other ioctl
    "NUMA_INFO": 0xD7, "SET_NUMA_STATUS": 0xD8, "EXPORT_TO_DMABUF_FD": 0xD9,
})
"""Of the same nodes: no computation needs them. Who seeks what is lacking reads their names."""

MEMORY: Mapping[str, int] = MappingProxyType({
    "UVM_INITIALIZE": 0x30000001, "UVM_DEINITIALIZE": 0x30000002,
    "UVM_CREATE_RANGE_GROUP": 23, "UVM_DESTROY_RANGE_GROUP": 24, "UVM_REGISTER_GPU_VASPACE": 25,
    "UVM_UNREGISTER_GPU_VASPACE": 26, "UVM_REGISTER_CHANNEL": 27, "UVM_UNREGISTER_CHANNEL": 28,
    "UVM_ENABLE_PEER_ACCESS": 29, "UVM_DISABLE_PEER_ACCESS": 30, "UVM_SET_RANGE_GROUP": 31,
    "UVM_MAP_EXTERNAL_ALLOCATION": 33, "UVM_FREE": 34, "UVM_REGISTER_GPU": 37,
    "UVM_UNREGISTER_GPU": 38, "UVM_PAGEABLE_MEM_ACCESS": 39, "UVM_SET_PREFERRED_LOCATION": 42,
    "UVM_UNSET_PREFERRED_LOCATION": 43, "UVM_ENABLE_READ_DUPLICATION": 44,
    "UVM_DISABLE_READ_DUPLICATION": 45, "UVM_SET_ACCESSED_BY": 46, "UVM_UNSET_ACCESSED_BY": 47,
    "UVM_MIGRATE": 51, "UVM_MIGRATE_RANGE_GROUP": 53, "UVM_MAP_DYNAMIC_PARALLELISM_REGION": 65,
    "UVM_UNMAP_EXTERNAL": 66, "UVM_ALLOC_SEMAPHORE_POOL": 68, "UVM_VALIDATE_VA_RANGE": 72,
    "UVM_CREATE_EXTERNAL_RANGE": 73, "UVM_MM_INITIALIZE": 75,
})
"""Of ``nvidia-uvm``: name -> the whole request. Not 1 and 2, which mean something on every file."""

MEMORY_REFUSED: Mapping[str, int] = MappingProxyType({
    "UVM_TOOLS_READ_PROCESS_MEMORY": 62, "UVM_TOOLS_WRITE_PROCESS_MEMORY": 63,
    "UVM_CLEAN_UP_ZOMBIE_RESOURCES": 69, "UVM_PAGEABLE_MEM_ACCESS_ON_GPU": 70,
    "UVM_POPULATE_PAGEABLE": 71,
})


def named(request: int) -> str:
    """What an ioctl's request is called, or the request in hexadecimal."""
    if request & KIND == OF_FRONTEND:
        for name, number in {**FRONTEND, **FRONTEND_REFUSED}.items():
            if number == request & NUMBER:
                return name
    for name, whole in {**MEMORY, **MEMORY_REFUSED}.items():
        if whole == request:
            return name
    return f"{request:#x}"
