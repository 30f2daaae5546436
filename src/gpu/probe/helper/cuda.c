// CUDA without a context: whether it starts, and which GPUs it shows to programs. No memory of a
// GPU is used.
#include "helper.h"

enum { kMostGpus = 64 };

struct property {
  const char* key;
  int id;
};
static const struct property kAttributes[] = {
    {"clock_khz", 13},
    {"multiprocessors", 16},
    {"integrated", 18},
    {"compute_mode", 20},
    {"ecc", 32},
    {"memory_clock_khz", 36},
    {"memory_bus_width", 37},
    {"managed_memory", 83},
    {"gpudirect_rdma", 116},
    {"dma_buf", 124},
};

static void begin_gpu(int ordinal) {
  put("cuda ");
  put_number(ordinal);
  put(" ");
}

static void ask_name(const struct library* cuda, int ordinal, int device) {
  char text[2 * 128];
  int (*name)(char*, int, int) = find(cuda, "cuDeviceGetName");
  phase_of("cuDeviceGetName", ordinal);
  if (name && name(text, 128, device) == 0) {
    text[127] = 0;
    begin_gpu(ordinal);
    say("name", text);
  }
  int (*address)(char*, int, int) = find(cuda, "cuDeviceGetPCIBusId");
  phase_of("cuDeviceGetPCIBusId", ordinal);
  if (address && address(text, 128, device) == 0) {
    text[127] = 0;
    begin_gpu(ordinal);
    say("address", text);
  }
}

// The second form names a MIG instance by itself.
static void ask_uuid(const struct library* cuda, int ordinal, int device) {
  unsigned char id[2 * 16];
  const char* symbol = "cuDeviceGetUuid_v2";
  int (*uuid)(unsigned char*, int) = find(cuda, symbol);
  if (!uuid) {
    uuid = find(cuda, symbol = "cuDeviceGetUuid");
  }
  phase_of(symbol, ordinal);
  if (!uuid || uuid(id, device) != 0) {
    return;
  }
  begin_gpu(ordinal);
  put("uuid ");
  for (int i = 0; i < 16; ++i) {
    put(i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "");
    put_hex(id[i], 2);
  }
  end();
}

static void ask_attributes(const struct library* cuda, int ordinal, int device) {
  int (*attribute)(int*, int, int) = find(cuda, "cuDeviceGetAttribute");
  if (!attribute) {
    return;
  }
  int major = 0;
  int minor = 0;
  phase_of("cuDeviceGetAttribute", ordinal);
  if (attribute(&major, 75, device) == 0 && attribute(&minor, 76, device) == 0) {
    begin_gpu(ordinal);
    put("capability ");
    put_number(major);
    put(".");
    put_number(minor);
    end();
  }
  for (size_t i = 0; i < LENGTH(kAttributes); ++i) {
    int value = 0;
    if (attribute(&value, kAttributes[i].id, device) == 0) {
      begin_gpu(ordinal);
      put("attribute ");
      say_number(kAttributes[i].key, value);
    }
  }
}

static void ask_gpu(const struct library* cuda, int ordinal) {
  int (*get)(int*, int) = find(cuda, "cuDeviceGet");
  int device = 0;
  phase_of("cuDeviceGet", ordinal);
  const int code = get ? get(&device, ordinal) : -1;
  begin_gpu(ordinal);
  say_number("handle", code);
  if (code == 0) {
    ask_uuid(cuda, ordinal, device);
    ask_name(cuda, ordinal, device);
    ask_attributes(cuda, ordinal, device);
  }
}

int ask_cuda(void) {
  struct library cuda;
  if (!load(&cuda, "cuda", "libcuda.so.1", "cuInit")) {
    return 0;
  }
  int number = 0;
  int (*version)(int*) = find(&cuda, "cuDriverGetVersion");
  phase("cuDriverGetVersion");
  if (version && version(&number) == 0) {
    say_number("cuda.version", number);
  }
  int (*init)(unsigned) = find(&cuda, "cuInit");
  if (!init) {
    say("cuda.load_error", "no symbol cuInit: not CUDA's driver library");
    return 0;
  }
  phase("cuInit");
  const int code = init(0);
  say_number("cuda.init", code);
  int (*count)(int*) = find(&cuda, "cuDeviceGetCount");
  phase("cuDeviceGetCount");
  if (code != 0 || !count || count(&number) != 0) {
    return 0;
  }
  say_number("cuda.count", number);
  for (int i = 0; i < number && i < kMostGpus; ++i) {
    ask_gpu(&cuda, i);
  }
  return 0;
}
