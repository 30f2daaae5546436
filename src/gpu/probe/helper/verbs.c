// Does the kernel's RDMA side register dma-bufs? Asked as NCCL does: with a descriptor that is
// none. EBADF says that it looked; EOPNOTSUPP and EPROTONOSUPPORT say that it never would.
#include "helper.h"

typedef void* pointer;

int ask_verbs(void) {
  struct library verbs;
  if (!load(&verbs, "verbs", "libibverbs.so.1", "ibv_get_device_list")) {
    return 0;
  }
  pointer* (*list)(int*) = find(&verbs, "ibv_get_device_list");
  const char* (*name)(pointer) = find(&verbs, "ibv_get_device_name");
  pointer (*open)(pointer) = find(&verbs, "ibv_open_device");
  pointer (*domain)(pointer) = find(&verbs, "ibv_alloc_pd");
  pointer (*enlist)(pointer, uint64_t, size_t, uint64_t, int, int) =
      find(&verbs, "ibv_reg_dmabuf_mr");
  int* (*error_number)(void) = find(&verbs, "__errno_location");
  if (!list || !name || !open || !domain || !enlist || !error_number) {
    say("verbs.absent", !enlist ? "no symbol ibv_reg_dmabuf_mr" : "no symbol of libibverbs");
    return 0;
  }
  int count = 0;
  phase("ibv_get_device_list");
  pointer* devices = list(&count);
  for (int i = 0; devices && i < count; ++i) {
    phase("ibv_open_device");
    const pointer context = open(devices[i]);
    phase("ibv_alloc_pd");
    const pointer protection = context ? domain(context) : 0;
    *error_number() = 0;
    if (protection) {
      phase("ibv_reg_dmabuf_mr");
      enlist(protection, 0, 0, 0, -1, 0);
    }
    put("verbs.dmabuf ");
    put_number(protection ? *error_number() : -1);
    put(" ");
    put(name(devices[i]));
    end();
  }
  return 0;
}
