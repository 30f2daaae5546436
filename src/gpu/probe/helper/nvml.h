// One GPU being asked through NVML, and the ways to ask.
#pragma once

#include "helper.h"

enum {
  kNotSupported = 3,
  kNotFound = 6,
  kTooSmall = 7,
  kVersionMismatch = 25,
  kNotReady = 27,
  kInvalidState = 29,
};

struct gpu {
  const struct library* nvml;
  unsigned index;
  void* handle;
};

// Room for what a driver writes: a driver that writes more than its header says (R535.43 did) meets
// as much again, painted, and in the end a canary; both are looked at.
struct room {
  unsigned char bytes[2 * 8192];
  uint64_t canary[8];
};
extern struct room room;
void prepare(size_t size);                    // of what is asked for
void check(const char* symbol, size_t size);  // says `overrun` where more was written
size_t written(size_t size);                  // bytes up to the last that was touched

void begin_value(const struct gpu* gpu, const char* key);  // `gpu N value KEY `
void say_absent(const struct gpu* gpu, const char* key, const char* symbol, int code);
void say_word(const struct gpu* gpu, const char* key, uint64_t number);
void say_words(const struct gpu* gpu, const char* key, const char* text);

// Once more after a passing error.
#define ASK(result, gpu, symbol, call)                      \
  do {                                                      \
    phase_of(symbol, (gpu)->index);                         \
    (result) = (call);                                      \
    if ((result) == kNotReady || (result) == kInvalidState) \
      (result) = (call);                                    \
  } while (0)

void ask_identity(const struct gpu* gpu);
void ask_values(const struct gpu* gpu);
void ask_fields(const struct gpu* gpu);
void ask_structs(const struct gpu* gpu);
void ask_links(const struct gpu* gpu);
void ask_processes(const struct gpu* gpu);
void ask_mig(const struct gpu* gpu);
void ask_pair(const struct gpu* a, const struct gpu* b);
void put_address(uint32_t domain, uint32_t bus, uint32_t device);
