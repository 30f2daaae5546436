// Lines to whoever started us.
#include "helper.h"

#include <asm/unistd.h>

static char buffer[8192];
static size_t used;

void flush(void) {
  size_t done = 0;
  while (done < used) {
    const long n = system_call(__NR_write, 1, (long)(buffer + done), (long)(used - done), 0);
    if (n == -4) {  // EINTR
      continue;
    }
    if (n <= 0) {
      leave(3);
    }
    done += (size_t)n;
  }
  used = 0;
}

static void put_byte(char byte) {
  if (used == sizeof buffer) {
    flush();
  }
  buffer[used++] = byte;
}

// A line stays a line, whatever a driver's string has in it.
void put(const char* text) {
  for (; *text; ++text) {
    put_byte((unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
  }
}

void put_unsigned(uint64_t number) {
  char digits[24];
  size_t at = sizeof digits - 1;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  put(digits + at);
}

void put_number(int64_t number) {
  if (number < 0) {
    put("-");
  }
  put_unsigned(number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void put_hex(uint64_t number, int digits) {
  while (digits--) {
    put_byte("0123456789abcdef"[number >> (4 * digits) & 15]);
  }
}

void end(void) { put_byte('\n'); }

void say(const char* key, const char* text) {
  put(key);
  put(" ");
  put(text);
  end();
}

void say_number(const char* key, int64_t number) {
  put(key);
  put(" ");
  put_number(number);
  end();
}

void phase(const char* call) {
  say("phase", call);
  flush();
}

void phase_of(const char* call, long which) {
  put("phase ");
  put(call);
  put("(GPU ");
  put_number(which);
  put(")");
  end();
  flush();
}
