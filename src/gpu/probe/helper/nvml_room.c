// Where drivers write, and what is said of what they wrote.
#include "nvml.h"

enum { kPaint = 0xa5 };
struct room room;
static const uint64_t kCanary = 0x6b6c6d6e6f707172u;

static size_t painted(size_t size) {
  const size_t end_of_it = 2 * size + 64;
  return end_of_it < sizeof room.bytes ? end_of_it : sizeof room.bytes;
}

void prepare(size_t size) {
  memset(room.bytes, 0, size);
  memset(room.bytes + size, kPaint, painted(size) - size);
  for (size_t i = 0; i < LENGTH(room.canary); ++i) {
    room.canary[i] = kCanary;
  }
}

size_t written(size_t size) {
  while (size && room.bytes[size - 1] == kPaint) {
    --size;
  }
  return size;
}

// More than asked for is told, and read all the same. A dead canary means that other memory of ours
// may be wrong too: nothing is said after that.
void check(const char* symbol, size_t size) {
  int alive = 1;
  for (size_t i = 0; i < LENGTH(room.canary); ++i) {
    alive = alive && room.canary[i] == kCanary;
  }
  const size_t end_of_it = written(painted(size));
  if (alive && end_of_it <= size) {
    return;
  }
  put("overrun ");
  put_unsigned(alive ? end_of_it : sizeof room.bytes);
  put(" ");
  put_unsigned(size);
  put(" ");
  put(symbol);
  end();
  if (!alive) {
    flush();
    leave(4);
  }
}

void begin_value(const struct gpu* gpu, const char* key) {
  put("gpu ");
  put_unsigned(gpu->index);
  put(" value ");
  put(key);
  put(" ");
}

void say_absent(const struct gpu* gpu, const char* key, const char* symbol, int code) {
  put("gpu ");
  put_unsigned(gpu->index);
  put(" absent ");
  put(key);
  if (symbol) {
    put(" no symbol ");
    put(symbol);
  } else {
    put(" nvml ");
    put_number(code);
  }
  end();
}

void say_word(const struct gpu* gpu, const char* key, uint64_t number) {
  begin_value(gpu, key);
  put_unsigned(number);
  end();
}

void say_words(const struct gpu* gpu, const char* key, const char* text) {
  begin_value(gpu, key);
  put(text);
  end();
}
