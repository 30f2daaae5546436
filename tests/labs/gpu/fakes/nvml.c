// A fake libnvidia-ml.so.1 with the symbols and structs that a driver of GENERATION has (418 ...
// 610; 535 is 535.54, whose process records are longer than its header says).
#include "script.h"

typedef void* device;
static int index_of(device gpu) { return (int)((uintptr_t)gpu & 0xff) - 1; }

#define BEGIN(symbol, gpu)                  \
  const int which = index_of(gpu);          \
  {                                         \
    const int code = answer(symbol, which); \
    if (code != 0)                          \
      return code;                          \
  }

FAKE int nvmlInit(void) { return answer("nvmlInit", 0); }
FAKE int nvmlInit_v2(void) { return answer("nvmlInit_v2", 0); }
FAKE int nvmlInitWithFlags(unsigned flags) {
  (void)flags;
  return answer("nvmlInitWithFlags", 0);
}
FAKE int nvmlSystemGetDriverVersion(char* out, unsigned size) {
  char usual[32];
  snprintf(usual, sizeof usual, "%d.99.99", GENERATION);
  text("driver", 0, usual, out, size);
  return answer("nvmlSystemGetDriverVersion", 0);
}
FAKE int nvmlSystemGetCudaDriverVersion(int* version) {
  *version = (int)number("cuda", 0, 12040);
  return 0;
}
FAKE int nvmlDeviceGetCount(unsigned* count) {
  *count = (unsigned)gpu_count();
  return answer("nvmlDeviceGetCount", 0);
}
FAKE int nvmlDeviceGetCount_v2(unsigned* count) { return nvmlDeviceGetCount(count); }
FAKE int nvmlDeviceGetHandleByIndex_v2(unsigned index, device* gpu) {
  *gpu = (device)(uintptr_t)(index + 1);
  return answer("nvmlDeviceGetHandleByIndex_v2", (int)index);
}

#define TEXT(symbol, key, usual)                          \
  FAKE int symbol(device gpu, char* out, unsigned size) { \
    BEGIN(#symbol, gpu)                                   \
    char made[96];                                        \
    snprintf(made, sizeof made, usual, which);            \
    text(key, which, made, out, size);                    \
    return 0;                                             \
  }
TEXT(nvmlDeviceGetName, "name", "NVIDIA H100 80GB HBM3 (fake)")
TEXT(nvmlDeviceGetSerial, "serial", "165032300000%d")
TEXT(nvmlDeviceGetBoardPartNumber, "board_part", "fake-part")
TEXT(nvmlDeviceGetVbiosVersion, "vbios", "96.00.74.00.01")
TEXT(nvmlDeviceGetInforomImageVersion, "inforom", "G520.0200.00.05")

FAKE int nvmlDeviceGetUUID(device gpu, char* out, unsigned size) {
  BEGIN("nvmlDeviceGetUUID", gpu)
  const int instance = (int)((uintptr_t)gpu >> 8);
  snprintf(out, size, "%s-fa4e0000-0000-0000-000%d-00000000000%d", instance ? "MIG" : "GPU",
           instance, which);
  return 0;
}

FAKE int nvmlDeviceGetPciInfo(device gpu, unsigned char* pci) {
  BEGIN("nvmlDeviceGetPciInfo", gpu)
  uint32_t* numbers = (uint32_t*)(pci + 16);
  numbers[0] = 0;
  numbers[1] = 0x1a + 0x10 * (uint32_t)which;
  numbers[2] = 0;
  numbers[3] = 0x233010de;
  return 0;
}
FAKE int nvmlDeviceGetPciInfo_v3(device gpu, unsigned char* pci) {
  return nvmlDeviceGetPciInfo(gpu, pci);
}

#define NUMBER(symbol, key, usual)              \
  FAKE int symbol(device gpu, uint32_t* out) {  \
    BEGIN(#symbol, gpu)                         \
    *out = (uint32_t)number(key, which, usual); \
    scribble(#symbol, which, out + 1);          \
    return 0;                                   \
  }
NUMBER(nvmlDeviceGetMinorNumber, "minor", which)
NUMBER(nvmlDeviceGetRetiredPagesPendingStatus, "pages.pending", 0)
NUMBER(nvmlDeviceGetPowerUsage, "power.usage_mw", 72000)
NUMBER(nvmlDeviceGetEnforcedPowerLimit, "power.limit_mw", 700000)
NUMBER(nvmlDeviceGetPowerManagementDefaultLimit, "power.default_mw", 700000)
NUMBER(nvmlDeviceGetCurrPcieLinkGeneration, "pcie.generation", 5)
NUMBER(nvmlDeviceGetCurrPcieLinkWidth, "pcie.width", 16)
NUMBER(nvmlDeviceGetMaxPcieLinkGeneration, "pcie.max_generation", 5)
NUMBER(nvmlDeviceGetMaxPcieLinkWidth, "pcie.max_width", 16)
NUMBER(nvmlDeviceGetPcieReplayCounter, "pcie.replays", 0)
NUMBER(nvmlDeviceGetPersistenceMode, "mode.persistence", 1)
NUMBER(nvmlDeviceGetComputeMode, "mode.compute", 0)
NUMBER(nvmlDeviceGetVirtualizationMode, "mode.virtualization", 0)
#if GENERATION >= 450
NUMBER(nvmlDeviceGetArchitecture, "architecture", 9)
NUMBER(nvmlDeviceGetMaxMigDeviceCount, "mig.most", 7)
#endif
#if GENERATION >= 510
NUMBER(nvmlDeviceGetMemoryBusWidth, "memory.bus_width", 5120)
#endif
#if GENERATION >= 525
NUMBER(nvmlDeviceGetGpuMaxPcieLinkGeneration, "pcie.gpu_generation", 5)
#endif

FAKE int nvmlDeviceGetCudaComputeCapability(device gpu, int* major, int* minor) {
  BEGIN("nvmlDeviceGetCudaComputeCapability", gpu)
  *major = (int)number("capability.major", which, 9);
  *minor = (int)number("capability.minor", which, 0);
  return 0;
}
FAKE int nvmlDeviceGetEccMode(device gpu, uint32_t* current, uint32_t* pending) {
  BEGIN("nvmlDeviceGetEccMode", gpu)
  *current = (uint32_t)number("ecc.mode", which, 1);
  *pending = (uint32_t)number("ecc.mode_pending", which, 1);
  return 0;
}
FAKE int nvmlDeviceGetTotalEccErrors(device gpu, unsigned type, unsigned counter, uint64_t* out) {
  static const char* const keys[2][2] = {{"ecc.volatile_corrected", "ecc.aggregate_corrected"},
                                         {"ecc.volatile_uncorrected", "ecc.aggregate_uncorrected"}};
  BEGIN("nvmlDeviceGetTotalEccErrors", gpu)
  *out = (uint64_t)number(keys[type & 1][counter & 1], which, 0);
  return 0;
}
// Pre-Ampere boards retire pages, later ones remap rows.
FAKE int nvmlDeviceGetRetiredPages(device gpu, unsigned cause, uint32_t* count, uint64_t* list) {
  BEGIN("nvmlDeviceGetRetiredPages", gpu)
  (void)list;
  *count = (uint32_t)number(cause ? "pages.double_bit" : "pages.single_bit", which, 0);
  return *count ? 7 : 0;
}

static int throttle(device gpu, const char* symbol, uint64_t* out) {
  BEGIN(symbol, gpu)
  *out = (uint64_t)number("throttle.reasons", which, 1);
  return 0;
}
FAKE int nvmlDeviceGetCurrentClocksThrottleReasons(device gpu, uint64_t* out) {
  return throttle(gpu, "nvmlDeviceGetCurrentClocksThrottleReasons", out);
}
#if GENERATION >= 535
FAKE int nvmlDeviceGetCurrentClocksEventReasons(device gpu, uint64_t* out) {
  return throttle(gpu, "nvmlDeviceGetCurrentClocksEventReasons", out);
}
#endif

FAKE int nvmlDeviceGetTemperatureThreshold(device gpu, unsigned kind, uint32_t* out) {
  static const char* const keys[] = {"temp.shutdown", "temp.slowdown", "temp.memory_max",
                                     "temp.gpu_max"};
  static const int usual[] = {95, 92, 95, 87};
  BEGIN("nvmlDeviceGetTemperatureThreshold", gpu)
  *out = (uint32_t)number(keys[kind & 3], which, usual[kind & 3]);
  return 0;
}
static int clock(device gpu, const char* symbol, const char* sm, const char* memory, unsigned kind,
                 uint32_t* out) {
  BEGIN(symbol, gpu)
  *out = (uint32_t)(kind == 1 ? number(sm, which, 1980) : number(memory, which, 2619));
  return 0;
}
FAKE int nvmlDeviceGetClockInfo(device gpu, unsigned kind, uint32_t* out) {
  return clock(gpu, "nvmlDeviceGetClockInfo", "clock.sm", "clock.memory", kind, out);
}
FAKE int nvmlDeviceGetMaxClockInfo(device gpu, unsigned kind, uint32_t* out) {
  return clock(gpu, "nvmlDeviceGetMaxClockInfo", "clock.max_sm", "clock.max_memory", kind, out);
}
FAKE int nvmlDeviceGetApplicationsClock(device gpu, unsigned kind, uint32_t* out) {
  return clock(gpu, "nvmlDeviceGetApplicationsClock", "clock.application_sm", "clock.memory", kind,
               out);
}
FAKE int nvmlDeviceGetTemperature(device gpu, unsigned sensor, uint32_t* out) {
  BEGIN("nvmlDeviceGetTemperature", gpu)
  (void)sensor;
  *out = (uint32_t)number("temp.gpu", which, 31);
  return 0;
}

// A struct that names its version: code 25 for one that this driver does not know.
#define VERSIONED(at, size, number) (*(uint32_t*)(at) == ((size) | (unsigned)(number) << 24))

#if GENERATION >= 570
FAKE int nvmlDeviceGetTemperatureV(device gpu, int32_t* out) {
  BEGIN("nvmlDeviceGetTemperatureV", gpu)
  out[2] = (int32_t)number("temp.gpu", which, 31);
  return VERSIONED(out, 12, 1) ? 0 : 25;
}
FAKE int nvmlDeviceGetMarginTemperature(device gpu, int32_t* out) {
  BEGIN("nvmlDeviceGetMarginTemperature", gpu)
  out[1] = (int32_t)number("temp.margin", which, 56);
  return VERSIONED(out, 8, 1) ? 0 : 25;
}
#endif

static void memory(int which, uint64_t* total, uint64_t* free_bytes, uint64_t* used) {
  *total = (uint64_t)number("memory.total", which, 85520809984);
  *used = (uint64_t)number("memory.used", which, 4194304);
  *free_bytes = *total - *used;
}
FAKE int nvmlDeviceGetMemoryInfo(device gpu, uint64_t* out) {
  BEGIN("nvmlDeviceGetMemoryInfo", gpu)
  memory(which, out, out + 1, out + 2);
  return 0;
}
#if GENERATION >= 515
FAKE int nvmlDeviceGetMemoryInfo_v2(device gpu, uint64_t* out) {
  BEGIN("nvmlDeviceGetMemoryInfo_v2", gpu)
  if (!VERSIONED(out, 40, 2)) {
    return 25;
  }
  memory(which, out + 1, out + 3, out + 4);
  out[2] = 541065216;
  return 0;
}
#endif
FAKE int nvmlDeviceGetBAR1MemoryInfo(device gpu, uint64_t* out) {
  BEGIN("nvmlDeviceGetBAR1MemoryInfo", gpu)
  out[0] = (uint64_t)number("bar1.total", which, 137438953472);
  return 0;
}
#if GENERATION >= 550
FAKE int nvmlDeviceGetSramEccErrorStatus(device gpu, uint64_t* out) {
  BEGIN("nvmlDeviceGetSramEccErrorStatus", gpu)
  if (!VERSIONED(out, 104, 1)) {
    return 25;
  }
  out[4] = (uint64_t)number("ecc.sram_volatile_uncorrected", which, 0);
  *(uint32_t*)(out + 12) = (uint32_t)number("ecc.sram_threshold", which, 0);
  return 0;
}
#endif
#if GENERATION >= 450
FAKE int nvmlDeviceGetRemappedRows(device gpu, uint32_t* corrected, uint32_t* uncorrected,
                                   uint32_t* pending, uint32_t* failure) {
  BEGIN("nvmlDeviceGetRemappedRows", gpu)
  *corrected = (uint32_t)number("remap.corrected", which, 0);
  *uncorrected = (uint32_t)number("remap.uncorrected", which, 0);
  *pending = (uint32_t)number("remap.pending", which, 0);
  *failure = (uint32_t)number("remap.failure", which, 0);
  return 0;
}
FAKE int nvmlDeviceGetMigMode(device gpu, uint32_t* current, uint32_t* pending) {
  BEGIN("nvmlDeviceGetMigMode", gpu)
  *current = (uint32_t)number("mig.mode", which, 0);
  *pending = (uint32_t)number("mig.mode_pending", which, *current);
  return 0;
}
FAKE int nvmlDeviceGetMigDeviceHandleByIndex(device gpu, unsigned instance, device* out) {
  BEGIN("nvmlDeviceGetMigDeviceHandleByIndex", gpu)
  if ((long long)instance >= number("mig.instances", which, 0)) {
    return 6;
  }
  *out = (device)((uintptr_t)gpu | (uintptr_t)(instance + 1) << 8);
  return 0;
}
FAKE int nvmlDeviceGetGpuInstanceId(device gpu, uint32_t* out) {
  *out = 7 + (uint32_t)((uintptr_t)gpu >> 8);
  return 0;
}
FAKE int nvmlDeviceGetComputeInstanceId(device gpu, uint32_t* out) {
  (void)gpu;
  *out = 0;
  return 0;
}
#endif
#if GENERATION >= 455
FAKE int nvmlDeviceGetRowRemapperHistogram(device gpu, uint32_t* out) {
  BEGIN("nvmlDeviceGetRowRemapperHistogram", gpu)
  out[0] = (uint32_t)number("remap.banks_max", which, 640);
  out[1] = out[2] = 0;
  out[3] = (uint32_t)number("remap.banks_low", which, 0);
  out[4] = (uint32_t)number("remap.banks_none", which, 0);
  return 0;
}
#endif

// Fabric: the first version has no version in it; the second came with 550, the third with 580.
static int fabric(int which, unsigned char* at) {
  memset(at, 0, 16);
  ((uint32_t*)at)[4] = (uint32_t)number("fabric.status", which, 0);
  ((uint32_t*)at)[5] = (uint32_t)number("fabric.clique", which, 0);
  at[24] = (unsigned char)number("fabric.state", which, 3);
  return 0;
}
#if GENERATION >= 525
FAKE int nvmlDeviceGetGpuFabricInfo(device gpu, unsigned char* out) {
  BEGIN("nvmlDeviceGetGpuFabricInfo", gpu)
  return fabric(which, out);
}
#endif
#if GENERATION >= 550
FAKE int nvmlDeviceGetGpuFabricInfoV(device gpu, unsigned char* out) {
  BEGIN("nvmlDeviceGetGpuFabricInfoV", gpu)
  const int third = GENERATION >= 580 && VERSIONED(out, 40, 3);
  if (!third && !VERSIONED(out, 36, 2)) {
    return 25;
  }
  fabric(which, out + 4);
  *(uint32_t*)(out + 32) = (uint32_t)number("fabric.health", which, 0x1aa);
  if (third) {
    out[36] = (unsigned char)number("fabric.summary", which, 1);
  }
  return 0;
}
#endif

struct field {
  uint32_t id, scope;
  int64_t timestamp, latency;
  uint32_t type, result;
  uint64_t value;
};

static uint32_t newest_field(void) {
  return GENERATION >= 610   ? 302
         : GENERATION >= 580 ? 273
         : GENERATION >= 570 ? 271
         : GENERATION >= 550 ? 229
         : GENERATION >= 510 ? 168
         : GENERATION >= 450 ? 160
                             : 141;
}

FAKE int nvmlDeviceGetFieldValues(device gpu, int count, struct field* fields) {
  BEGIN("nvmlDeviceGetFieldValues", gpu)
  for (int i = 0; i < count; ++i) {
    char key[32];
    snprintf(key, sizeof key, "field.%u", fields[i].id);
    const int usual = fields[i].id == 91 || fields[i].id == 147 ? 18
                      : fields[i].id == 82                      ? 38
                      : fields[i].id == 2                       ? 1
                                                                : 0;
    fields[i].type = 1;
    fields[i].result = fields[i].id <= newest_field() ? 0 : 3;
    fields[i].value = (uint64_t)number(key, which, usual);
  }
  return 0;
}

FAKE int nvmlDeviceGetNvLinkState(device gpu, unsigned link, uint32_t* up) {
  BEGIN("nvmlDeviceGetNvLinkState", gpu)
  if ((long long)link >= number("nvlink.links", which, 18)) {
    return 2;
  }
  *up = (long long)link != number("nvlink.down", which, -1);
  return 0;
}
FAKE int nvmlDeviceGetNvLinkVersion(device gpu, unsigned link, uint32_t* out) {
  BEGIN("nvmlDeviceGetNvLinkVersion", gpu)
  (void)link;
  *out = 7;
  return 0;
}
#if GENERATION >= 470
FAKE int nvmlDeviceGetNvLinkRemoteDeviceType(device gpu, unsigned link, uint32_t* out) {
  BEGIN("nvmlDeviceGetNvLinkRemoteDeviceType", gpu)
  (void)link;
  *out = 2;
  return 0;
}
#endif
FAKE int nvmlDeviceGetNvLinkRemotePciInfo_v2(device gpu, unsigned link, unsigned char* pci) {
  BEGIN("nvmlDeviceGetNvLinkRemotePciInfo_v2", gpu)
  uint32_t* numbers = (uint32_t*)(pci + 16);
  numbers[0] = 0;
  numbers[1] = 5 + link % 4;
  numbers[2] = 0;
  return 0;
}
FAKE int nvmlDeviceGetNvLinkErrorCounter(device gpu, unsigned link, unsigned kind, uint64_t* out) {
  static const char* const keys[] = {"nvlink.replay", "nvlink.recovery", "nvlink.crc",
                                     "nvlink.data"};
  BEGIN("nvmlDeviceGetNvLinkErrorCounter", gpu)
  *out = link == 0 ? (uint64_t)number(keys[kind & 3], which, 0) : 0;
  return 0;
}
FAKE int nvmlDeviceGetP2PStatus(device a, device b, unsigned kind, uint32_t* out) {
  BEGIN("nvmlDeviceGetP2PStatus", a)
  (void)b;
  static const char* const keys[] = {"p2p.read", "p2p.write", "p2p.nvlink", "p2p.atomics",
                                     "p2p.pci"};
  *out = (uint32_t)number(keys[kind % 5], which, 0);
  return 0;
}
FAKE int nvmlDeviceGetTopologyCommonAncestor(device a, device b, uint32_t* out) {
  *out = (index_of(a) < 4) == (index_of(b) < 4) ? 40 : 50;
  return 0;
}

// One process of 4321 with process.memory bytes where the script gives that; `size` is the
// record's.
static int processes(int which, unsigned* count, unsigned char* out, size_t size) {
  const long long bytes = number("process.memory", which, 0);
  *count = bytes ? (unsigned)number("process.count", which, 1) : 0;
  for (unsigned i = 0; i < *count; ++i) {
    memset(out + i * size, 0, size);
    *(uint32_t*)(out + i * size) = 4321 + i;
    *(uint64_t*)(out + i * size + 8) = (uint64_t)bytes;
    if (size >= 24) {
      memset(out + i * size + 16, 0xff, 8);
    }
  }
  return 0;
}
FAKE int nvmlDeviceGetComputeRunningProcesses(device gpu, unsigned* count, unsigned char* out) {
  BEGIN("nvmlDeviceGetComputeRunningProcesses", gpu)
  return processes(which, count, out, 16);
}
FAKE int nvmlDeviceGetGraphicsRunningProcesses(device gpu, unsigned* count, unsigned char* out) {
  BEGIN("nvmlDeviceGetGraphicsRunningProcesses", gpu)
  (void)out;
  *count = 0;
  return 0;
}
#if GENERATION >= 455
FAKE int nvmlDeviceGetComputeRunningProcesses_v2(device gpu, unsigned* count, unsigned char* out) {
  BEGIN("nvmlDeviceGetComputeRunningProcesses_v2", gpu)
  return processes(which, count, out, 24);
}
#endif
#if GENERATION >= 510
FAKE int nvmlDeviceGetComputeRunningProcesses_v3(device gpu, unsigned* count, unsigned char* out) {
  BEGIN("nvmlDeviceGetComputeRunningProcesses_v3", gpu)
  return processes(which, count, out, GENERATION == 535 ? 32 : 24);
}
#endif
