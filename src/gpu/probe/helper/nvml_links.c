// NVLink, link by link, and what pairs of GPUs may do to each other.
#include "nvml.h"

void ask_link_fields(const struct gpu* gpu, unsigned link);

// nvml.h: 6 links at first, then 12, 18; 36 since 13.0. A GPU answers 2 behind its last.
enum { kMostLinks = 36 };

static void say_link(const struct gpu* gpu, unsigned link, const char* key, uint64_t number) {
  put("gpu ");
  put_unsigned(gpu->index);
  put(" link ");
  put_unsigned(link);
  put(" ");
  put(key);
  put(" ");
  put_unsigned(number);
  end();
}

static void ask_number(const struct gpu* gpu, unsigned link, const char* key, const char* symbol) {
  int (*f)(void*, unsigned, uint32_t*) = find(gpu->nvml, symbol);
  if (!f) {
    return;
  }
  prepare(sizeof(uint32_t));
  int code;
  ASK(code, gpu, symbol, f(gpu->handle, link, (uint32_t*)room.bytes));
  check(symbol, sizeof(uint32_t));
  if (code == 0) {
    say_link(gpu, link, key, *(const uint32_t*)room.bytes);
  }
}

static void ask_counter(const struct gpu* gpu, unsigned link, const char* key, unsigned counter) {
  const char* symbol = "nvmlDeviceGetNvLinkErrorCounter";
  int (*f)(void*, unsigned, unsigned, uint64_t*) = find(gpu->nvml, symbol);
  if (!f) {
    return;
  }
  prepare(sizeof(uint64_t));
  int code;
  ASK(code, gpu, symbol, f(gpu->handle, link, counter, (uint64_t*)room.bytes));
  check(symbol, sizeof(uint64_t));
  if (code == 0) {
    say_link(gpu, link, key, *(const uint64_t*)room.bytes);
  }
}

static void ask_remote(const struct gpu* gpu, unsigned link) {
  const char* symbol = "nvmlDeviceGetNvLinkRemotePciInfo_v2";
  int (*f)(void*, unsigned, void*) = find(gpu->nvml, symbol);
  enum { kPciSize = 68 };
  if (!f) {
    return;
  }
  prepare(kPciSize);
  int code;
  ASK(code, gpu, symbol, f(gpu->handle, link, room.bytes));
  check(symbol, kPciSize);
  if (code == 0) {
    const uint32_t* numbers = (const uint32_t*)(room.bytes + 16);
    put("gpu ");
    put_unsigned(gpu->index);
    put(" link ");
    put_unsigned(link);
    put(" remote ");
    put_address(numbers[0], numbers[1], numbers[2]);
    end();
  }
}

void ask_links(const struct gpu* gpu) {
  const char* symbol = "nvmlDeviceGetNvLinkState";
  int (*state)(void*, unsigned, uint32_t*) = find(gpu->nvml, symbol);
  if (!state) {
    return say_absent(gpu, "nvlink", symbol, 0);
  }
  for (unsigned link = 0; link < kMostLinks; ++link) {
    prepare(sizeof(uint32_t));
    int code;
    ASK(code, gpu, symbol, state(gpu->handle, link, (uint32_t*)room.bytes));
    check(symbol, sizeof(uint32_t));
    if (code != 0) {
      if (link == 0) {
        say_absent(gpu, "nvlink", 0, code);
      }
      return;
    }
    const uint32_t up = *(const uint32_t*)room.bytes;
    say_link(gpu, link, "state", up);
    if (!up) {
      continue;
    }
    ask_number(gpu, link, "version", "nvmlDeviceGetNvLinkVersion");
    ask_number(gpu, link, "remote_type", "nvmlDeviceGetNvLinkRemoteDeviceType");
    ask_remote(gpu, link);
    ask_counter(gpu, link, "replay", 0);
    ask_counter(gpu, link, "recovery", 1);
    ask_counter(gpu, link, "crc", 2);
    ask_link_fields(gpu, link);
  }
}

static void say_pair(const struct gpu* a, const struct gpu* b, const char* what,
                     const char* answer) {
  put("p2p ");
  put_unsigned(a->index);
  put("-");
  put_unsigned(b->index);
  put(" ");
  put(what);
  put(" ");
  put(answer);
  end();
}

static void ask_status(const struct gpu* a, const struct gpu* b, const char* what, unsigned which) {
  static const char* const kAnswers[] = {"ok",       "chipset",     "gpu",    "topology",
                                         "disabled", "unsupported", "unknown"};
  const char* symbol = "nvmlDeviceGetP2PStatus";
  int (*f)(void*, void*, unsigned, uint32_t*) = find(a->nvml, symbol);
  uint32_t answer = 0;
  int code = -1;
  if (f) {
    ASK(code, a, symbol, f(a->handle, b->handle, which, &answer));
  }
  if (code == 0) {
    say_pair(a, b, what, kAnswers[answer < LENGTH(kAnswers) ? answer : LENGTH(kAnswers) - 1]);
  }
}

void ask_pair(const struct gpu* a, const struct gpu* b) {
  ask_status(a, b, "read", 0);
  ask_status(a, b, "write", 1);
  ask_status(a, b, "nvlink", 2);
  ask_status(a, b, "atomics", 3);
  const char* symbol = "nvmlDeviceGetTopologyCommonAncestor";
  int (*f)(void*, void*, uint32_t*) = find(a->nvml, symbol);
  uint32_t level = 0;
  int code = -1;
  if (f) {
    ASK(code, a, symbol, f(a->handle, b->handle, &level));
  }
  static const char* const kPaths[] = {"board", "switch", "switches", "bridge", "node", "system"};
  if (code == 0 && level % 10 == 0 && level / 10 < LENGTH(kPaths)) {
    say_pair(a, b, "path", kPaths[level / 10]);
  }
}
