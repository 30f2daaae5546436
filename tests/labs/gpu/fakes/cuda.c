// A fake libcuda.so.1: starts, counts and names the GPUs of the script.
#include "script.h"

FAKE int cuInit(unsigned flags) {
  (void)flags;
  return answer("cuInit", 0);
}
FAKE int cuDriverGetVersion(int* version) {
  *version = (int)number("cuda", 0, 12040);
  return 0;
}
FAKE int cuDeviceGetCount(int* count) {
  *count = (int)number("cuda.gpus", 0, gpu_count());
  return answer("cuDeviceGetCount", 0);
}
FAKE int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return answer("cuDeviceGet", ordinal);
}
FAKE int cuDeviceGetName(char* out, int size, int device) {
  snprintf(out, (size_t)size, "NVIDIA H100 80GB HBM3 (fake)");
  return answer("cuDeviceGetName", device);
}
FAKE int cuDeviceGetPCIBusId(char* out, int size, int device) {
  snprintf(out, (size_t)size, "0000:%02X:00.0", 0x1a + 0x10 * device);
  return answer("cuDeviceGetPCIBusId", device);
}
FAKE int cuDeviceGetUuid(unsigned char* out, int device) {
  memset(out, 0, 16);
  out[0] = 0xfa;
  out[1] = 0x4e;
  out[15] = (unsigned char)device;
  return answer("cuDeviceGetUuid", device);
}
FAKE int cuDeviceGetUuid_v2(unsigned char* out, int device) { return cuDeviceGetUuid(out, device); }
FAKE int cuDeviceGetAttribute(int* out, int id, int device) {
  char key[32];
  snprintf(key, sizeof key, "attribute.%d", id);
  const int usual = id == 75                                         ? 9
                    : id == 76                                       ? 0
                    : id == 16                                       ? 132
                    : id == 36                                       ? 2619000
                    : id == 37                                       ? 5120
                    : id == 124 || id == 116 || id == 32 || id == 83 ? 1
                                                                     : 0;
  *out = (int)number(key, device, usual);
  return answer("cuDeviceGetAttribute", device);
}

// The rest is for GPUs at work: memory is the host's, kernels are recognised by their names, and
// time is what the script says (burn.*_mbs). burn.flip N spoils the word N of what is filled.
static int current;
static double copied, milliseconds;
FAKE int cuDevicePrimaryCtxRetain(void** context, int device) {
  *context = (void*)(uintptr_t)(device + 1);
  return answer("cuDevicePrimaryCtxRetain", device);
}
FAKE int cuCtxSetCurrent(void* context) {
  current = (int)(uintptr_t)context - 1;
  return 0;
}
FAKE int cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
  *free_bytes = *total = 16 << 20;
  return 0;
}
FAKE int cuMemAlloc_v2(uint64_t* at, size_t size) {
  *at = (uint64_t)(uintptr_t)calloc(1, size);
  return answer("cuMemAlloc_v2", current);
}
FAKE int cuMemFree_v2(uint64_t at) {
  free((void*)(uintptr_t)at);
  return 0;
}
FAKE int cuMemAllocHost_v2(void** at, size_t size) {
  *at = malloc(size);
  return answer("cuMemAllocHost_v2", current);
}
static int copy(uint64_t to, uint64_t from, size_t size, const char* speed, long long usual) {
  if (size < 4096) {
    memcpy((void*)(uintptr_t)to, (const void*)(uintptr_t)from, size);
  }
  copied += (double)size;
  milliseconds += (double)size / 1000 / (double)number(speed, current, usual);
  return 0;
}
FAKE int cuMemcpyHtoDAsync_v2(uint64_t to, uint64_t from, size_t size, void* stream) {
  (void)stream;
  return copy(to, from, size, "burn.to_device_mbs", 55000);
}
FAKE int cuMemcpyDtoHAsync_v2(uint64_t to, uint64_t from, size_t size, void* stream) {
  (void)stream;
  return copy(to, from, size, "burn.to_host_mbs", 54000);
}
FAKE int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t size, void* stream) {
  (void)stream;
  return copy(to, from, size, "burn.copy_mbs", 1400000);
}
FAKE int cuMemsetD32_v2(uint64_t at, unsigned value, size_t count) {
  memset((void*)(uintptr_t)at, (int)value, 4 * count);
  return 0;
}
FAKE int cuModuleLoadDataEx(void** module, const char* text, unsigned count, int* options,
                            void** values) {
  const int code = answer("cuModuleLoadDataEx", current);
  if (code != 0 && count == 2 && options[0] == 5) {
    snprintf(values[0], (size_t)values[1], "ptxas of this fake does not take it");
  }
  *module = (void*)text;
  return code ? code : strncmp(text, ".version 3.2", 12) ? 218 : 0;
}
FAKE int cuModuleGetFunction(void** function, void* module, const char* name) {
  (void)module;
  *function = (void*)(uintptr_t)(strcmp(name, "fill") == 0      ? 1
                                 : strcmp(name, "compare") == 0 ? 2
                                                                : 3);
  return 0;
}
// "set burn.leaves.pcie.replays 5 1" has NVML count five, from this work on.
static void leave(const char* key) {
  char with_prefix[64];
  snprintf(with_prefix, sizeof with_prefix, "burn.leaves.%s", key);
  const long long left = number(with_prefix, current, 0);
  FILE* script = left > 0 ? fopen(getenv("FAKE_GPU_SCRIPT"), "a") : 0;
  if (script) {
    fprintf(script, "set %s %lld %d\n", key, left, current);
    fclose(script);
  }
}

// fma(-x, x, 1.9375f), without libm, which not every root has: the product is exact in a double,
// and a sum that is rounded to odd is rounded once by what follows.
static float multiply_add(float x) {
  const double product = (double)x * x;
  const double c = 1.9375;
  double sum = c - product;
  const double part = sum - c;
  const double lost = (c - (sum - part)) + (-product - part);
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  if (lost != 0 && bits % 2 == 0) {
    bits += (lost > 0) == (sum > 0) ? 1 : -(uint64_t)1;
    memcpy(&sum, &bits, sizeof bits);
  }
  return (float)sum;
}

// One thread's work, by the CPU; burn.wrong_sm N is an SM whose 256 threads are wrong.
static int arithmetic(void** arguments) {
  uint64_t* found = *(uint64_t**)arguments[0];
  const uint32_t rounds = *(uint32_t*)arguments[1];
  const long long wrong_sm = number("burn.wrong_sm", current, -1);
  uint32_t sum = 0;
  for (int chain = 1; chain <= 4; ++chain) {
    float x = 0.125f * (float)chain;
    for (uint32_t i = 0; i < rounds; ++i) {
      x = multiply_add(x);
    }
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    sum = sum * 31 + bits;
  }
  found[0] = sum != *(uint32_t*)arguments[2] ? 262144 : wrong_sm >= 0 ? 256 : 0;
  leave("pcie.replays");
  leave("ecc.volatile_uncorrected");
  found[1] = wrong_sm >= 0 ? (uint64_t)wrong_sm : 0;
  milliseconds += 262144.0 * rounds * 8 / 1e6 / (double)number("burn.fma_gflops", current, 51000);
  return answer("cuLaunchKernel", current);
}

FAKE int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                        unsigned by, unsigned bz, unsigned shared, void* stream, void** arguments,
                        void** extra) {
  (void)gx, (void)gy, (void)gz, (void)bx, (void)by, (void)bz, (void)shared, (void)stream,
      (void)extra;
  if ((uintptr_t)function == 3) {
    return arithmetic(arguments);
  }
  uint64_t* at = *(uint64_t**)arguments[0];
  const uint64_t count = *(uint64_t*)arguments[1];
  const uint64_t seed = *(uint64_t*)arguments[2];
  const long long flip = number("burn.flip", current, -1);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t word = (i ^ seed) * 0x9E3779B97F4A7C15u;
    if ((uintptr_t)function == 1) {
      at[i] = (long long)i == flip ? word ^ 4 : word;
    } else if (at[i] != word) {
      uint64_t* found = *(uint64_t**)arguments[3];
      ++found[0];
      found[1] = i;
    }
  }
  return answer("cuLaunchKernel", current);
}
FAKE int cuEventCreate(void** event, unsigned flags) {
  (void)flags;
  *event = calloc(1, sizeof(double));
  return 0;
}
FAKE int cuEventRecord(void* event, void* stream) {
  (void)stream;
  *(double*)event = milliseconds;
  return 0;
}
FAKE int cuEventQuery(void* event) {
  (void)event;
  return answer("cuEventQuery", current);
}
FAKE int cuEventElapsedTime(float* out, void* from, void* to) {
  *out = (float)(*(double*)to - *(double*)from);
  return 0;
}
