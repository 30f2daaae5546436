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
