// NVML from its load to the last GPU. NVML is not known to be safe from several threads; one it is.
#include "nvml.h"

enum { kNoGpus = 1, kNoAttach = 2, kMostGpus = 64 };

static int start(const struct library* nvml) {
  int (*with_flags)(unsigned) = find(nvml, "nvmlInitWithFlags");
  if (with_flags) {
    phase("nvmlInitWithFlags");  // only library and kernel module, no GPU
    say_number("nvml.attach", with_flags(kNoGpus | kNoAttach));
  }
  const char* name = "nvmlInit_v2";
  int (*init)(void) = find(nvml, name);
  if (!init) {
    name = "nvmlInit";
    init = find(nvml, name);
  }
  if (!init) {
    say("nvml.load_error", "no symbol nvmlInit: not NVML");
    return -1;
  }
  phase(name);
  const int code = init();
  say_number("nvml.init", code);
  return code;
}

static void ask_versions(const struct library* nvml) {
  int (*driver)(char*, unsigned) = find(nvml, "nvmlSystemGetDriverVersion");
  enum { kText = 80 };
  prepare(2 * kText);
  phase("nvmlSystemGetDriverVersion");
  if (driver && driver((char*)room.bytes, kText) == 0) {
    check("nvmlSystemGetDriverVersion", 2 * kText);
    say("nvml.driver", (char*)room.bytes);
  }
  int (*cuda)(int*) = find(nvml, "nvmlSystemGetCudaDriverVersion_v2");
  if (!cuda) {
    cuda = find(nvml, "nvmlSystemGetCudaDriverVersion");
  }
  int version = 0;
  phase("nvmlSystemGetCudaDriverVersion");
  if (cuda && cuda(&version) == 0) {
    say_number("nvml.cuda", version);
  }
}

static unsigned ask_count(const struct library* nvml) {
  int (*count)(unsigned*) = find(nvml, "nvmlDeviceGetCount_v2");
  if (!count) {
    count = find(nvml, "nvmlDeviceGetCount");
  }
  unsigned number = 0;
  phase("nvmlDeviceGetCount");
  const int code = count ? count(&number) : -1;
  if (code != 0) {
    say_number("nvml.count_error", code);
    return 0;
  }
  say_number("nvml.count", number);
  return number < kMostGpus ? number : kMostGpus;
}

// One GPU that gives no handle does not stop the others.
static void* ask_handle(const struct library* nvml, unsigned index) {
  int (*get)(unsigned, void**) = find(nvml, "nvmlDeviceGetHandleByIndex_v2");
  if (!get) {
    get = find(nvml, "nvmlDeviceGetHandleByIndex");
  }
  void* handle = 0;
  phase_of("nvmlDeviceGetHandleByIndex", index);
  int code = get ? get(index, &handle) : 13;
  if (code == kNotReady || code == kInvalidState) {
    code = get(index, &handle);
  }
  put("gpu ");
  put_unsigned(index);
  put(" handle ");
  put_number(code);
  end();
  return code == 0 ? handle : 0;
}

static void ask_gpu(const struct gpu* gpu) {
  ask_identity(gpu);
  ask_values(gpu);
  ask_fields(gpu);
  ask_structs(gpu);
  ask_mig(gpu);
  ask_links(gpu);
  ask_processes(gpu);
}

// GPUs before `from` are left to the probe that hangs on them.
int ask_nvml(unsigned from) {
  static struct gpu gpus[kMostGpus];
  struct library nvml;
  if (!load(&nvml, "nvml", "libnvidia-ml.so.1", "nvmlInit_v2") || start(&nvml) != 0) {
    return 0;
  }
  ask_versions(&nvml);
  const unsigned count = ask_count(&nvml);
  for (unsigned i = from; i < count; ++i) {
    gpus[i] = (struct gpu){&nvml, i, ask_handle(&nvml, i)};
    if (gpus[i].handle) {
      ask_gpu(&gpus[i]);
    }
  }
  for (unsigned a = from; a < count; ++a) {
    for (unsigned b = a + 1; b < count; ++b) {
      if (gpus[a].handle && gpus[b].handle) {
        ask_pair(&gpus[a], &gpus[b]);
      }
    }
  }
  return 0;
}
