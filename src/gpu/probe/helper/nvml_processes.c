// Who holds memory of this GPU, and its MIG instances.
#include "nvml.h"

enum { kMostProcesses = 120, kNotGiven = 0xffffffff };

// The record grew inside of one version number (R535.43 wrote 32 bytes, the header before and after
// it 24; the first version had 16), so its size is taken from how far the driver wrote.
static size_t stride(unsigned count) {
  const size_t size = written(sizeof room.bytes);
  for (size_t step = 16; step <= 32; step += 8) {
    if (size <= step * count) {
      return step;
    }
  }
  return 0;
}

static void say_processes(const struct gpu* gpu, const char* kind, unsigned count) {
  const size_t step = stride(count);
  for (unsigned i = 0; step && i < count; ++i) {
    const unsigned char* record = room.bytes + i * step;
    put("gpu ");
    put_unsigned(gpu->index);
    put(" process ");
    put(kind);
    put(" ");
    put_unsigned(*(const uint32_t*)record);
    put(" ");
    put_unsigned(*(const uint64_t*)(record + 8));
    end();
  }
}

static void paint_all(void) { memset(room.bytes, 0xa5, sizeof room.bytes); }

static void ask_kind(const struct gpu* gpu, const char* kind, const char* const* symbols) {
  int code = -1;
  for (; *symbols; ++symbols) {
    int (*f)(void*, unsigned*, void*) = find(gpu->nvml, *symbols);
    if (!f) {
      continue;
    }
    unsigned count = kMostProcesses;
    prepare(sizeof room.bytes / 2);  // for the canary
    paint_all();
    ASK(code, gpu, *symbols, f(gpu->handle, &count, room.bytes));
    check(*symbols, sizeof room.bytes);
    if (code == 0 && count <= kMostProcesses) {
      return say_processes(gpu, kind, count);
    }
    if (code != kVersionMismatch) {
      break;
    }
  }
  say_absent(gpu, kind, code == -1 ? "RunningProcesses" : 0, code);
}

void ask_processes(const struct gpu* gpu) {
  static const char* const kCompute[] = {"nvmlDeviceGetComputeRunningProcesses_v3",
                                         "nvmlDeviceGetComputeRunningProcesses_v2",
                                         "nvmlDeviceGetComputeRunningProcesses", 0};
  static const char* const kGraphics[] = {"nvmlDeviceGetGraphicsRunningProcesses_v3",
                                          "nvmlDeviceGetGraphicsRunningProcesses_v2",
                                          "nvmlDeviceGetGraphicsRunningProcesses", 0};
  static const char* const kMps[] = {"nvmlDeviceGetMPSComputeRunningProcesses_v3",
                                     "nvmlDeviceGetMPSComputeRunningProcesses_v2",
                                     "nvmlDeviceGetMPSComputeRunningProcesses", 0};
  ask_kind(gpu, "process.compute", kCompute);
  ask_kind(gpu, "process.graphics", kGraphics);
  ask_kind(gpu, "process.mps", kMps);
}

struct instance_size {
  uint32_t counts[8];
  uint64_t memory_mb;
};

static void say_instance(const struct gpu* gpu, unsigned which, const char* key, const char* text) {
  put("gpu ");
  put_unsigned(gpu->index);
  put(" mig ");
  put_unsigned(which);
  put(" ");
  say(key, text);
}

static void ask_id(const struct gpu* gpu, void* instance, unsigned which, const char* key,
                   const char* symbol) {
  int (*f)(void*, uint32_t*) = find(gpu->nvml, symbol);
  uint32_t id = 0;
  phase_of(symbol, gpu->index);
  if (f && f(instance, &id) == 0) {
    put("gpu ");
    put_unsigned(gpu->index);
    put(" mig ");
    put_unsigned(which);
    put(" ");
    say_number(key, id);
  }
}

static void ask_instance(const struct gpu* gpu, void* instance, unsigned which) {
  enum { kText = 96 };
  int (*uuid)(void*, char*, unsigned) = find(gpu->nvml, "nvmlDeviceGetUUID");
  prepare(kText);
  phase_of("nvmlDeviceGetUUID", gpu->index);
  if (uuid && uuid(instance, (char*)room.bytes, kText) == 0) {
    room.bytes[kText - 1] = 0;
    say_instance(gpu, which, "uuid", (const char*)room.bytes);
  }
  ask_id(gpu, instance, which, "gpu_instance", "nvmlDeviceGetGpuInstanceId");
  ask_id(gpu, instance, which, "compute_instance", "nvmlDeviceGetComputeInstanceId");
  int (*size)(void*, void*) = find(gpu->nvml, "nvmlDeviceGetAttributes_v2");
  prepare(sizeof(struct instance_size));
  phase_of("nvmlDeviceGetAttributes_v2", gpu->index);
  if (size && size(instance, room.bytes) == 0) {
    put("gpu ");
    put_unsigned(gpu->index);
    put(" mig ");
    put_unsigned(which);
    put(" ");
    say_number("memory_mb", (int64_t)((const struct instance_size*)room.bytes)->memory_mb);
  }
}

void ask_mig(const struct gpu* gpu) {
  int (*most)(void*, uint32_t*) = find(gpu->nvml, "nvmlDeviceGetMaxMigDeviceCount");
  int (*get)(void*, unsigned, void**) = find(gpu->nvml, "nvmlDeviceGetMigDeviceHandleByIndex");
  uint32_t count = 0;
  phase_of("nvmlDeviceGetMaxMigDeviceCount", gpu->index);
  if (!most || !get || most(gpu->handle, &count) != 0) {
    return;
  }
  for (unsigned i = 0; i < count && i < 16; ++i) {
    void* instance = 0;
    phase_of("nvmlDeviceGetMigDeviceHandleByIndex", gpu->index);
    if (get(gpu->handle, i, &instance) == 0 && instance) {
      ask_instance(gpu, instance, i);
    }
  }
}
