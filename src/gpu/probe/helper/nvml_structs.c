// What NVML answers in structs of its own. A versioned one says its size and version at its head;
// the answer 25 means that the driver knows an older version only.
#include "nvml.h"

#define VERSION(type, number) (uint32_t)(sizeof(type) | (number) << 24)

// One call into the room; the return code, or -1 and `absent` said where there is no such symbol.
static int ask_room(const struct gpu* gpu, const char* symbol, size_t size, uint32_t version) {
  int (*f)(void*, void*) = find(gpu->nvml, symbol);
  if (!f) {
    return -1;
  }
  prepare(size);
  if (version) {
    *(uint32_t*)room.bytes = version;
  }
  int code;
  ASK(code, gpu, symbol, f(gpu->handle, room.bytes));
  check(symbol, size);
  return code;
}

static void absent(const struct gpu* gpu, const char* key, const char* symbol, int code) {
  say_absent(gpu, key, code < 0 ? symbol : 0, code);
}

struct memory {
  uint64_t total, free, used;
};
struct memory_2 {
  uint32_t version;
  uint64_t total, reserved, free, used;
};

static void ask_memory(const struct gpu* gpu) {
  int code = ask_room(gpu, "nvmlDeviceGetMemoryInfo_v2", sizeof(struct memory_2),
                      VERSION(struct memory_2, 2));
  if (code == 0) {
    const struct memory_2* memory = (const struct memory_2*)room.bytes;
    say_word(gpu, "memory.total", memory->total);
    say_word(gpu, "memory.used", memory->used);
    say_word(gpu, "memory.free", memory->free);
    say_word(gpu, "memory.reserved", memory->reserved);
    return;
  }
  absent(gpu, "memory.reserved", "nvmlDeviceGetMemoryInfo_v2", code);
  code = ask_room(gpu, "nvmlDeviceGetMemoryInfo", sizeof(struct memory), 0);
  if (code == 0) {
    const struct memory* memory = (const struct memory*)room.bytes;
    say_word(gpu, "memory.total", memory->total);
    say_word(gpu, "memory.used", memory->used);  // with what the driver holds for itself
    say_word(gpu, "memory.free", memory->free);
  } else {
    absent(gpu, "memory.total", "nvmlDeviceGetMemoryInfo", code);
  }
}

static void ask_bar1(const struct gpu* gpu) {
  const int code = ask_room(gpu, "nvmlDeviceGetBAR1MemoryInfo", sizeof(struct memory), 0);
  if (code == 0) {
    say_word(gpu, "bar1.total", ((const struct memory*)room.bytes)->total);
  } else {
    absent(gpu, "bar1.total", "nvmlDeviceGetBAR1MemoryInfo", code);
  }
}

struct sram {
  uint32_t version;
  uint64_t aggregate_parity, aggregate_secded, aggregate_corrected;
  uint64_t volatile_parity, volatile_secded, volatile_corrected;
  uint64_t buckets[5];
  uint32_t threshold_exceeded;
};

static void ask_sram(const struct gpu* gpu) {
  const char* symbol = "nvmlDeviceGetSramEccErrorStatus";
  const int code = ask_room(gpu, symbol, sizeof(struct sram), VERSION(struct sram, 1));
  if (code != 0) {
    return absent(gpu, "ecc.sram_threshold", symbol, code);
  }
  const struct sram* sram = (const struct sram*)room.bytes;
  say_word(gpu, "ecc.sram_threshold", sram->threshold_exceeded);
  say_word(gpu, "ecc.sram_volatile_uncorrected", sram->volatile_parity + sram->volatile_secded);
  say_word(gpu, "ecc.sram_aggregate_uncorrected", sram->aggregate_parity + sram->aggregate_secded);
}

static void ask_remapped(const struct gpu* gpu) {
  const char* symbol = "nvmlDeviceGetRemappedRows";
  int (*f)(void*, uint32_t*, uint32_t*, uint32_t*, uint32_t*) = find(gpu->nvml, symbol);
  uint32_t* n = (uint32_t*)room.bytes;
  int code = -1;
  if (f) {
    prepare(4 * sizeof *n);
    ASK(code, gpu, symbol, f(gpu->handle, n, n + 1, n + 2, n + 3));
    check(symbol, 4 * sizeof *n);
  }
  if (code != 0) {
    return absent(gpu, "remap.failure", symbol, code);
  }
  const uint32_t seen[4] = {n[0], n[1], n[2], n[3]};
  const char* keys[] = {"remap.corrected", "remap.uncorrected", "remap.pending", "remap.failure"};
  for (int i = 0; i < 4; ++i) {
    say_word(gpu, keys[i], seen[i]);
  }
}

static void ask_histogram(const struct gpu* gpu) {
  static const char* const keys[] = {"remap.banks_max", "remap.banks_high", "remap.banks_partial",
                                     "remap.banks_low", "remap.banks_none"};
  const char* symbol = "nvmlDeviceGetRowRemapperHistogram";
  const int code = ask_room(gpu, symbol, sizeof(uint32_t) * LENGTH(keys), 0);
  if (code != 0) {
    return absent(gpu, keys[0], symbol, code);
  }
  for (size_t i = 0; i < LENGTH(keys); ++i) {
    say_word(gpu, keys[i], ((const uint32_t*)room.bytes)[i]);
  }
}

struct temperature {
  uint32_t version, sensor;
  int32_t degrees;
};

static void ask_temperature(const struct gpu* gpu) {
  int code = ask_room(gpu, "nvmlDeviceGetTemperatureV", sizeof(struct temperature),
                      VERSION(struct temperature, 1));
  int32_t degrees = ((const struct temperature*)room.bytes)->degrees;
  if (code != 0) {
    const char* symbol = "nvmlDeviceGetTemperature";
    int (*f)(void*, unsigned, uint32_t*) = find(gpu->nvml, symbol);
    code = -1;
    if (f) {
      prepare(sizeof degrees);
      ASK(code, gpu, symbol, f(gpu->handle, 0, (uint32_t*)room.bytes));
      check(symbol, sizeof degrees);
      degrees = *(const int32_t*)room.bytes;
    }
  }
  if (code != 0) {
    return absent(gpu, "temp.gpu", "nvmlDeviceGetTemperature", code);
  }
  begin_value(gpu, "temp.gpu");
  put_number(degrees);
  end();
}

struct margin {
  uint32_t version;
  int32_t degrees;
};

static void ask_margin(const struct gpu* gpu) {
  const char* symbol = "nvmlDeviceGetMarginTemperature";
  const int code = ask_room(gpu, symbol, sizeof(struct margin), VERSION(struct margin, 1));
  if (code != 0) {
    return absent(gpu, "temp.margin", symbol, code);
  }
  begin_value(gpu, "temp.margin");
  put_number(((const struct margin*)room.bytes)->degrees);
  end();
}

struct fabric {
  unsigned char cluster[16];
  uint32_t status, clique;
  unsigned char state;
};
struct fabric_2 {
  uint32_t version;
  unsigned char cluster[16];
  uint32_t status, clique;
  unsigned char state;
  uint32_t health;
};
struct fabric_3 {
  uint32_t version;
  unsigned char cluster[16];
  uint32_t status, clique;
  unsigned char state;
  uint32_t health;
  unsigned char summary;
};

static void say_fabric(const struct gpu* gpu, const unsigned char* cluster, uint32_t status,
                       uint32_t clique, unsigned state) {
  say_word(gpu, "fabric.state", state);
  say_word(gpu, "fabric.status", status);
  say_word(gpu, "fabric.clique", clique);
  begin_value(gpu, "fabric.cluster");
  for (int i = 0; i < 16; ++i) {
    put_hex(cluster[i], 2);
  }
  end();
}

static void ask_fabric(const struct gpu* gpu) {
  const char* symbol = "nvmlDeviceGetGpuFabricInfoV";
  int version = 3;
  int code = ask_room(gpu, symbol, sizeof(struct fabric_3), VERSION(struct fabric_3, 3));
  if (code == kVersionMismatch) {
    version = 2;
    code = ask_room(gpu, symbol, sizeof(struct fabric_2), VERSION(struct fabric_2, 2));
  }
  if (code == 0) {
    const struct fabric_3 fabric = *(const struct fabric_3*)room.bytes;
    say_fabric(gpu, fabric.cluster, fabric.status, fabric.clique, fabric.state);
    say_word(gpu, "fabric.health", fabric.health);
    if (version == 3) {
      say_word(gpu, "fabric.summary", fabric.summary);
    }
    return;
  }
  code = code == -1 || code == kVersionMismatch
             ? ask_room(gpu, "nvmlDeviceGetGpuFabricInfo", sizeof(struct fabric), 0)
             : code;
  if (code != 0) {
    return absent(gpu, "fabric.state", "nvmlDeviceGetGpuFabricInfo", code);
  }
  const struct fabric fabric = *(const struct fabric*)room.bytes;
  say_fabric(gpu, fabric.cluster, fabric.status, fabric.clique, fabric.state);
}

void ask_structs(const struct gpu* gpu) {
  ask_memory(gpu);
  ask_bar1(gpu);
  ask_sram(gpu);
  ask_remapped(gpu);
  ask_histogram(gpu);
  ask_temperature(gpu);
  ask_margin(gpu);
  ask_fabric(gpu);
}
