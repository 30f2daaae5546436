// What the compiler and we expect of a C library, in little.
#include "helper.h"

// In bytes, and not turned back into calls of themselves (-fno-tree-loop-distribute-patterns).
void* memset(void* to, int byte, size_t size) {
  unsigned char* at = to;
  for (size_t i = 0; i < size; ++i) {
    at[i] = (unsigned char)byte;
  }
  return to;
}

void* memcpy(void* restrict to, const void* restrict from, size_t size) {
  unsigned char* at = to;
  const unsigned char* source = from;
  for (size_t i = 0; i < size; ++i) {
    at[i] = source[i];
  }
  return to;
}

int same(const char* a, const char* b) {
  while (*a && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

long to_number(const char* text) {
  long number = 0;
  for (; *text >= '0' && *text <= '9'; ++text) {
    number = number * 10 + (*text - '0');
  }
  return number;
}
