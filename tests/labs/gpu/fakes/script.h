// Fakes of NVIDIA's libraries, for tests: they drive nothing. What they say and how they misbehave
// stands in the file that FAKE_GPU_SCRIPT names, one order a line; the last that matches counts:
//   set gpus 8                    how many there are
//   set KEY VALUE [GPU]           a fact by the name the probe gives it; of one GPU or of all
//   return SYMBOL CODE [GPU]      the call fails with this
//   hang SYMBOL [GPU]             the call never returns
//   crash SYMBOL [GPU]            the call dies
//   scribble SYMBOL BYTES [GPU]   the call writes this much behind its answer
#pragma once

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAKE __attribute__((visibility("default")))

static char script_text[16384];

__attribute__((constructor)) static void read_script(void) {
  const char* path = getenv("FAKE_GPU_SCRIPT");
  FILE* file = path ? fopen(path, "r") : 0;
  if (file) {
    script_text[fread(script_text, 1, sizeof script_text - 1, file)] = 0;
    fclose(file);
  }
}

// The last line `order name value [gpu]` for this GPU; its value in `value` where one is wanted.
static int find_order(const char* order, const char* name, int gpu, char* value) {
  int found = 0;
  for (const char* line = script_text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
    char words[4][128] = {"", "", "", ""};
    char copy[512] = "";
    snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
    sscanf(copy, "%127s %127s %127s %127s", words[0], words[1], words[2], words[3]);
    const char* which = value ? words[3] : words[2];
    if (!strcmp(words[0], order) && !strcmp(words[1], name) && (!*which || atoi(which) == gpu)) {
      found = 1;
      if (value) {
        strcpy(value, words[2]);
      }
    }
  }
  return found;
}

// What the call returns, if it returns.
static int answer(const char* symbol, int gpu) {
  char value[128];
  if (find_order("hang", symbol, gpu, 0)) {
    for (;;) {
      pause();
    }
  }
  if (find_order("crash", symbol, gpu, 0)) {
    raise(SIGSEGV);
  }
  return find_order("return", symbol, gpu, value) ? atoi(value) : 0;
}

static long long number(const char* key, int gpu, long long usual) {
  char value[128];
  return find_order("set", key, gpu, value) ? strtoll(value, 0, 0) : usual;
}

static void text(const char* key, int gpu, const char* usual, char* out, unsigned size) {
  char value[128];
  snprintf(out, size, "%s", find_order("set", key, gpu, value) ? value : usual);
}

static void scribble(const char* symbol, int gpu, void* behind) {
  char value[128];
  if (find_order("scribble", symbol, gpu, value)) {
    memset(behind, 0x11, (size_t)atoi(value));
  }
}

static int gpu_count(void) {
  char value[128];
  return find_order("set", "gpus", 0, value) ? atoi(value) : 8;
}
