// The probe: a small program that asks the driver's libraries, in a process of its own, since they
// hang and crash. Dynamically linked by whatever loader the image has, it needs no more of glibc
// than 2.2.5 had (2.17 on arm64); no header of libc, no stdio, no errno. It speaks in lines on
// stdout and says `phase CALL` before each call into a driver; src/gpu/probe/lines.cpp reads them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define UNUSED __attribute__((unused))

// system.c: results are those of the kernel, errors negative.
long system_call(long number, long a, long b, long c, long d);
long open_file(const char* path, int flags);
void leave(int code) __attribute__((noreturn));
uint64_t now_ns(void);
void sleep_ms(unsigned milliseconds);

// plain.c
void* memset(void* to, int byte, size_t size);
void* memcpy(void* restrict to, const void* restrict from, size_t size);
int same(const char* a, const char* b);
long to_number(const char* text);

// say.c: one line at a time, `put` its parts, `end` it. Lines go out before the next phase.
void put(const char* text);
void put_number(int64_t number);
void put_unsigned(uint64_t number);
void put_hex(uint64_t number, int digits);
void end(void);
void flush(void);
void say(const char* key, const char* text);
void say_number(const char* key, int64_t number);
void phase(const char* call);                 // about to call this
void phase_of(const char* call, long which);  // for this GPU

// library.c
struct library {
  void* handle;
};
int load(struct library* library, const char* part, const char* name, const char* symbol);
void* find(const struct library* library, const char* symbol);

// One mode each.
int ask_nodes(char** paths);
int ask_nvml(unsigned from);
int ask_cuda(void);
int ask_verbs(void);
int burn(int ordinal);
