// What NVML answers with plain numbers and text: a table, a row a fact.
#include "nvml.h"

enum shape {
  kNumber,       // f(gpu, unsigned*)
  kWide,         // f(gpu, unsigned long long*)
  kText,         // f(gpu, char*, length)
  kTwo,          // f(gpu, unsigned*, unsigned*)
  kChosen,       // f(gpu, which, unsigned*)
  kEcc,          // f(gpu, corrected or not, volatile or aggregate, unsigned long long*)
  kCountOfList,  // f(gpu, which, unsigned* count, list, list)
};

struct row {
  const char* key;
  const char* key_of_second;
  const char* symbol;
  const char* older_symbol;
  enum shape shape;
  unsigned which, kind;
};

static const struct row kRows[] = {
    {"serial", 0, "nvmlDeviceGetSerial", 0, kText, 0, 0},
    {"board_part", 0, "nvmlDeviceGetBoardPartNumber", 0, kText, 0, 0},
    {"vbios", 0, "nvmlDeviceGetVbiosVersion", 0, kText, 0, 0},
    {"inforom", 0, "nvmlDeviceGetInforomImageVersion", 0, kText, 0, 0},
    {"ecc.mode", "ecc.mode_pending", "nvmlDeviceGetEccMode", 0, kTwo, 0, 0},
    {"ecc.volatile_corrected", 0, "nvmlDeviceGetTotalEccErrors", 0, kEcc, 0, 0},
    {"ecc.volatile_uncorrected", 0, "nvmlDeviceGetTotalEccErrors", 0, kEcc, 1, 0},
    {"ecc.aggregate_corrected", 0, "nvmlDeviceGetTotalEccErrors", 0, kEcc, 0, 1},
    {"ecc.aggregate_uncorrected", 0, "nvmlDeviceGetTotalEccErrors", 0, kEcc, 1, 1},
    {"pages.single_bit", 0, "nvmlDeviceGetRetiredPages", 0, kCountOfList, 0, 0},
    {"pages.double_bit", 0, "nvmlDeviceGetRetiredPages", 0, kCountOfList, 1, 0},
    {"pages.pending", 0, "nvmlDeviceGetRetiredPagesPendingStatus", 0, kNumber, 0, 0},
    {"throttle.reasons", 0, "nvmlDeviceGetCurrentClocksEventReasons",
     "nvmlDeviceGetCurrentClocksThrottleReasons", kWide, 0, 0},
    {"temp.shutdown", 0, "nvmlDeviceGetTemperatureThreshold", 0, kChosen, 0, 0},
    {"temp.slowdown", 0, "nvmlDeviceGetTemperatureThreshold", 0, kChosen, 1, 0},
    {"temp.memory_max", 0, "nvmlDeviceGetTemperatureThreshold", 0, kChosen, 2, 0},
    {"temp.gpu_max", 0, "nvmlDeviceGetTemperatureThreshold", 0, kChosen, 3, 0},
    {"power.usage_mw", 0, "nvmlDeviceGetPowerUsage", 0, kNumber, 0, 0},
    {"power.limit_mw", 0, "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit",
     kNumber, 0, 0},
    {"power.default_mw", 0, "nvmlDeviceGetPowerManagementDefaultLimit", 0, kNumber, 0, 0},
    {"clock.sm", 0, "nvmlDeviceGetClockInfo", 0, kChosen, 1, 0},
    {"clock.memory", 0, "nvmlDeviceGetClockInfo", 0, kChosen, 2, 0},
    {"clock.max_sm", 0, "nvmlDeviceGetMaxClockInfo", 0, kChosen, 1, 0},
    {"clock.max_memory", 0, "nvmlDeviceGetMaxClockInfo", 0, kChosen, 2, 0},
    {"clock.application_sm", 0, "nvmlDeviceGetApplicationsClock", 0, kChosen, 1, 0},
    {"pcie.generation", 0, "nvmlDeviceGetCurrPcieLinkGeneration", 0, kNumber, 0, 0},
    {"pcie.width", 0, "nvmlDeviceGetCurrPcieLinkWidth", 0, kNumber, 0, 0},
    {"pcie.max_generation", 0, "nvmlDeviceGetMaxPcieLinkGeneration", 0, kNumber, 0, 0},
    {"pcie.max_width", 0, "nvmlDeviceGetMaxPcieLinkWidth", 0, kNumber, 0, 0},
    {"pcie.gpu_generation", 0, "nvmlDeviceGetGpuMaxPcieLinkGeneration", 0, kNumber, 0, 0},
    {"pcie.replays", 0, "nvmlDeviceGetPcieReplayCounter", 0, kNumber, 0, 0},
    {"mode.persistence", 0, "nvmlDeviceGetPersistenceMode", 0, kNumber, 0, 0},
    {"mode.compute", 0, "nvmlDeviceGetComputeMode", 0, kNumber, 0, 0},
    {"mode.virtualization", 0, "nvmlDeviceGetVirtualizationMode", 0, kNumber, 0, 0},
    {"mig.mode", "mig.mode_pending", "nvmlDeviceGetMigMode", 0, kTwo, 0, 0},
    {"mig.most", 0, "nvmlDeviceGetMaxMigDeviceCount", 0, kNumber, 0, 0},
    {"memory.bus_width", 0, "nvmlDeviceGetMemoryBusWidth", 0, kNumber, 0, 0},
    {"throttle.reasons_again", 0, "nvmlDeviceGetCurrentClocksEventReasons",
     "nvmlDeviceGetCurrentClocksThrottleReasons", kWide, 0, 0},
};

typedef int (*on_numbers)(void*, uint32_t*, uint32_t*);
typedef int (*on_wide)(void*, uint64_t*);
typedef int (*on_text)(void*, char*, unsigned);
typedef int (*on_chosen)(void*, unsigned, uint32_t*);
typedef int (*on_ecc)(void*, unsigned, unsigned, uint64_t*);
typedef int (*on_list)(void*, unsigned, uint32_t*, uint64_t*);

enum { kTextSize = 96 };

// NVML's answer into the room. A function of one number is called with a second argument that it
// does not take: both ABIs pass it in a register.
static int call(const struct row* row, void* f, void* handle) {
  uint32_t* numbers = (uint32_t*)room.bytes;
  switch (row->shape) {
    case kNumber:
    case kTwo:
      return ((on_numbers)f)(handle, numbers, numbers + 1);
    case kWide:
      return ((on_wide)f)(handle, (uint64_t*)room.bytes);
    case kText:
      return ((on_text)f)(handle, (char*)room.bytes, kTextSize);
    case kChosen:
      return ((on_chosen)f)(handle, row->which, numbers);
    case kEcc:
      return ((on_ecc)f)(handle, row->which, row->kind, (uint64_t*)room.bytes);
    case kCountOfList: {
      // Room for none: the number needed comes back.
      const int code = ((on_list)f)(handle, row->which, numbers, (uint64_t*)(room.bytes + 16));
      return code == kTooSmall ? 0 : code;
    }
  }
  return kNotSupported;
}

static size_t size_of(enum shape shape) {
  return shape == kText ? kTextSize : shape == kNumber || shape == kChosen ? 4 : 8;
}

static void say_row(const struct gpu* gpu, const struct row* row) {
  const uint32_t* numbers = (const uint32_t*)room.bytes;
  if (row->shape == kText) {
    room.bytes[kTextSize - 1] = 0;
    say_words(gpu, row->key, (const char*)room.bytes);
  } else if (row->shape == kWide || row->shape == kEcc) {
    say_word(gpu, row->key, *(const uint64_t*)room.bytes);
  } else {
    say_word(gpu, row->key, numbers[0]);
  }
  if (row->key_of_second) {
    say_word(gpu, row->key_of_second, numbers[1]);
  }
}

void ask_values(const struct gpu* gpu) {
  for (size_t i = 0; i < LENGTH(kRows); ++i) {
    const struct row* row = &kRows[i];
    const char* symbol = row->symbol;
    void* f = find(gpu->nvml, symbol);
    if (!f && row->older_symbol) {
      symbol = row->older_symbol;
      f = find(gpu->nvml, symbol);
    }
    if (!f) {
      say_absent(gpu, row->key, row->symbol, 0);
      continue;
    }
    prepare(size_of(row->shape));
    int code;
    ASK(code, gpu, symbol, call(row, f, gpu->handle));
    check(symbol, size_of(row->shape));
    if (code != 0) {
      say_absent(gpu, row->key, 0, code);
    } else {
      say_row(gpu, row);
    }
  }
}
