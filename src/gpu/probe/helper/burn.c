// A GPU at work for some seconds: bandwidth to and from the host and inside of its memory, and
// patterns that depend on the address, written and compared by the GPU itself. No call that blocks
// is made: events are asked until they are there.
#include "helper.h"

typedef uint64_t pointer;
enum { kNotReady = 600, kMiB = 1 << 20, kTransfer = 64 * kMiB, kCopy = 256 * kMiB, kTimes = 8 };
static const uint64_t kMostNs = 4000000000u;  // of one step
static uint64_t ns_left = 6000000000u;        // of all steps: who killed us would not hear the rest
enum { kBlocks = 1024, kThreads = 256 };

struct gpu {
  int ordinal, device;
  struct library cuda;
  void *start, *stop;  // events
};

__asm__(".pushsection .rodata\nburn_text:\n.incbin \"" BURN_TEXT "\"\n.byte 0\n.popsection\n");
extern const char burn_text[] __attribute__((visibility("hidden")));

static void begin(const struct gpu* gpu, const char* key) {
  put("burn ");
  put_number(gpu->ordinal);
  put(" ");
  put(key);
  put(" ");
}

static void tell(const struct gpu* gpu, const char* key, uint64_t number) {
  begin(gpu, key);
  put_unsigned(number);
  end();
}

static int failed(const struct gpu* gpu, const char* step, int code) {
  begin(gpu, "failed");
  put(step);
  put(" ");
  put_number(code);
  end();
  return 0;
}

// The function, or nothing and its absence said; one symbol at a time, as everywhere.
static void* need(const struct gpu* gpu, const char* symbol) {
  void* f = find(&gpu->cuda, symbol);
  if (!f) {
    failed(gpu, symbol, 13);
  }
  phase_of(symbol, gpu->ordinal);
  return f;
}

static int open_context(struct gpu* gpu) {
  int (*get)(int*, int) = need(gpu, "cuDeviceGet");
  int code = get ? get(&gpu->device, gpu->ordinal) : 13;
  void* context = 0;
  int (*retain)(void**, int) = need(gpu, "cuDevicePrimaryCtxRetain");
  code = code == 0 && retain ? retain(&context, gpu->device) : code;
  int (*current)(void*) = need(gpu, "cuCtxSetCurrent");
  code = code == 0 && current ? current(context) : code;
  int (*event)(void**, unsigned) = need(gpu, "cuEventCreate");
  if (code != 0 || !retain || !current || !event || (code = event(&gpu->start, 0)) != 0 ||
      (code = event(&gpu->stop, 0)) != 0) {
    return failed(gpu, "context", code);
  }
  return 1;
}

static int mark(const struct gpu* gpu, void* event) {
  int (*record)(void*, void*) = need(gpu, "cuEventRecord");
  return record ? record(event, 0) : 13;
}

// Microseconds between the marks; 0 and `failed` said when the GPU failed or did not come to the
// end.
static uint64_t wait_for(const struct gpu* gpu, const char* step) {
  int (*query)(void*) = need(gpu, "cuEventQuery");
  int (*elapsed)(float*, void*, void*) = need(gpu, "cuEventElapsedTime");
  if (!query || !elapsed) {
    return 0;
  }
  phase_of(step, gpu->ordinal);
  const uint64_t begun = now_ns();
  const uint64_t last = begun + (ns_left < kMostNs ? ns_left : kMostNs);
  int code;
  while ((code = query(gpu->stop)) == kNotReady && now_ns() < last) {
    sleep_ms(1);
  }
  const uint64_t spent = now_ns() - begun;
  ns_left -= spent < ns_left ? spent : ns_left;
  float milliseconds = 0;
  if (code != 0 || (code = elapsed(&milliseconds, gpu->start, gpu->stop)) != 0) {
    failed(gpu, step, code);
    return 0;
  }
  const uint64_t microseconds = (uint64_t)(milliseconds * 1000.0f);
  return microseconds ? microseconds : 1;
}

typedef int (*copier)(pointer to, pointer from, size_t size, void* stream);

// MB/s of kTimes copies; the first, which may do other work too, is not counted.
static void measure(const struct gpu* gpu, const char* key, const char* symbol, pointer to,
                    pointer from, size_t size) {
  copier copy = need(gpu, symbol);
  int code = copy ? copy(to, from, size, 0) : 13;
  code = code == 0 ? mark(gpu, gpu->start) : code;
  for (int i = 0; code == 0 && i < kTimes; ++i) {
    code = copy(to, from, size, 0);
  }
  code = code == 0 ? mark(gpu, gpu->stop) : code;
  if (code != 0) {
    failed(gpu, key, code);
    return;
  }
  const uint64_t microseconds = wait_for(gpu, key);
  if (microseconds) {
    tell(gpu, key, (uint64_t)size * kTimes / microseconds);
  }
}

static pointer allocate(const struct gpu* gpu, size_t size) {
  int (*get)(pointer*, size_t) = need(gpu, "cuMemAlloc_v2");
  pointer at = 0;
  const int code = get ? get(&at, size) : 13;
  if (code != 0) {
    failed(gpu, "cuMemAlloc", code);
    return 0;
  }
  return at;
}

static void measure_copies(const struct gpu* gpu) {
  int (*pin)(void**, size_t) = need(gpu, "cuMemAllocHost_v2");
  void* host = 0;
  const pointer device = allocate(gpu, 2 * (size_t)kCopy);
  const int code = pin ? pin(&host, kTransfer) : 13;
  if (code != 0) {
    failed(gpu, "cuMemAllocHost", code);
  } else if (device) {
    measure(gpu, "to_device_mbs", "cuMemcpyHtoDAsync_v2", device, (pointer)host, kTransfer);
    measure(gpu, "to_host_mbs", "cuMemcpyDtoHAsync_v2", (pointer)host, device, kTransfer);
  }
  if (device) {
    measure(gpu, "copy_mbs", "cuMemcpyDtoDAsync_v2", device + kCopy, device, kCopy);
    int (*give_back)(pointer) = need(gpu, "cuMemFree_v2");
    if (give_back) {
      give_back(device);
    }
  }
}

static void* load_kernels(const struct gpu* gpu) {
  enum { kErrorLog = 5, kErrorLogSize = 6 };
  static char log[1024];
  int options[] = {kErrorLog, kErrorLogSize};
  void* values[] = {log, (void*)(sizeof log - 1)};
  void* module = 0;
  int (*load_text)(void**, const void*, unsigned, int*, void**) = need(gpu, "cuModuleLoadDataEx");
  const int code = load_text ? load_text(&module, burn_text, 2, options, values) : 13;
  tell(gpu, "module", (uint64_t)code);
  if (code != 0 && *log) {
    begin(gpu, "log");
    put(log);
    end();
  }
  return code == 0 ? module : 0;
}

static int launch(const struct gpu* gpu, void* module, const char* name, void** arguments) {
  int (*function)(void**, void*, const char*) = need(gpu, "cuModuleGetFunction");
  int (*go)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
            void**, void**) = need(gpu, "cuLaunchKernel");
  void* kernel = 0;
  int code = function ? function(&kernel, module, name) : 13;
  code = code == 0 && go ? go(kernel, kBlocks, 1, 1, kThreads, 1, 1, 0, 0, arguments, 0) : code;
  return code;
}

// Half of what is free, at most 8 GiB: others may come to this GPU too.
static size_t test_size(const struct gpu* gpu) {
  int (*info)(size_t*, size_t*) = need(gpu, "cuMemGetInfo_v2");
  size_t free_bytes = 0;
  size_t total = 0;
  const size_t most = (size_t)8 << 30;
  if (!info || info(&free_bytes, &total) != 0) {
    return kCopy;
  }
  return (free_bytes / 2 < most ? free_bytes / 2 : most) & ~(size_t)4095;
}

// What a kernel has counted, or nothing and `failed` said.
static const uint64_t* answer_of(const struct gpu* gpu, pointer found) {
  static uint64_t answer[2];
  copier read = (copier)need(gpu, "cuMemcpyDtoHAsync_v2");
  int code = read ? mark(gpu, gpu->start) : 13;
  code = code == 0 ? read((pointer)answer, found, sizeof answer, 0) : code;
  code = code == 0 ? mark(gpu, gpu->stop) : code;
  if (code != 0) {
    failed(gpu, "answer", code);
    return 0;
  }
  return wait_for(gpu, "answer") ? answer : 0;
}

static pointer allocate_counters(const struct gpu* gpu) {
  int (*clear)(pointer, unsigned, size_t) = need(gpu, "cuMemsetD32_v2");
  const pointer found = allocate(gpu, 4096);
  return found && clear && clear(found, 0, 1024) == 0 ? found : 0;
}

// Every thread reckons the same: x = c - x * x in four chains, chaotic, so that one wrong bit stays
// wrong. IEEE 754 says what must come out; integers and a CPU's fmaf agree on it.
static void test_arithmetic(const struct gpu* gpu, void* module) {
  enum { kRounds = 1 << 18, kFlop = 8 };  // of a round: four times multiply and add
  uint32_t rounds = kRounds;
  uint32_t expected = 0x7637e3e2;
  pointer found = allocate_counters(gpu);
  void* arguments[] = {&found, &rounds, &expected};
  int code = found ? mark(gpu, gpu->start) : 2;
  code = code == 0 ? launch(gpu, module, "arithmetic", arguments) : code;
  code = code == 0 ? mark(gpu, gpu->stop) : code;
  if (code != 0) {
    failed(gpu, "arithmetic", code);
    return;
  }
  const uint64_t microseconds = wait_for(gpu, "arithmetic");
  const uint64_t* answer = microseconds ? answer_of(gpu, found) : 0;
  if (answer) {
    const uint64_t flop = (uint64_t)kBlocks * kThreads * kRounds * kFlop;
    tell(gpu, "fma_gflops", flop / microseconds / 1000);
    tell(gpu, "wrong_results", answer[0]);
    tell(gpu, "wrong_sm", answer[1]);
  }
}

static void test_memory(const struct gpu* gpu, void* module) {
  size_t size = test_size(gpu);
  pointer at = allocate(gpu, size);
  pointer found = allocate_counters(gpu);
  if (!at || !found) {
    return;
  }
  uint64_t count = size / 8;
  for (uint64_t round = 0; round < 2; ++round) {
    uint64_t seed = round ? ~(uint64_t)0x5555555555555555u : 0x5555555555555555u;
    void* arguments[] = {&at, &count, &seed, &found};
    int code = mark(gpu, gpu->start);
    code = code == 0 ? launch(gpu, module, "fill", arguments) : code;
    code = code == 0 ? launch(gpu, module, "compare", arguments) : code;
    code = code == 0 ? mark(gpu, gpu->stop) : code;
    if (code != 0) {
      failed(gpu, "memory", code);
      return;
    }
    if (!wait_for(gpu, "memory")) {
      return;
    }
  }
  const uint64_t* answer = answer_of(gpu, found);
  if (!answer) {
    return;
  }
  tell(gpu, "tested_bytes", size);
  tell(gpu, "wrong_words", answer[0]);
  tell(gpu, "wrong_offset", answer[1] * 8);
}

int burn(int ordinal) {
  static struct gpu gpu;
  gpu.ordinal = ordinal;
  if (!load(&gpu.cuda, "burn", "libcuda.so.1", "cuInit")) {
    return 0;
  }
  int (*init)(unsigned) = need(&gpu, "cuInit");
  const int code = init ? init(0) : 13;
  if (code != 0) {
    return failed(&gpu, "cuInit", code);
  }
  if (!open_context(&gpu)) {
    return 0;
  }
  measure_copies(&gpu);
  void* module = load_kernels(&gpu);
  if (module) {
    test_arithmetic(&gpu, module);
    test_memory(&gpu, module);
  }
  tell(&gpu, "done", 1);
  return 0;
}
