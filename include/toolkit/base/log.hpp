#pragma once
// The tool's own words while it lives: `[2021-07-04 15:50:26]  INFO run: have a nice day` on
// stderr. Results and the child's output never come this way. Errors that end a command are printed
// by main.

#include <fmt/core.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace toolkit::log {

enum class Level { debug, info, warn, error, off };
enum class Format { text, json };

struct Settings {
  Level level = Level::info;
  Format format = Format::text;
  bool colour = false;
  std::string name;  // the command: the word before the colon
};

/// Before other threads are started, which read the settings without a lock.
void configure(Settings settings);
[[nodiscard]] const Settings& settings();
[[nodiscard]] bool enabled(Level level);

/// Where finished lines (newline included) go; the default writes to stderr and gives up on a line
/// rather than block for more than 100 ms. `run` puts its console writer here while a child lives.
/// A writer is the calling thread's own: the others (those of `run --sync`) go on to stderr.
using Writer = std::function<void(Level, std::string_view line)>;
void set_writer(Writer writer);

/// One line, formatted. `location` is "file.cpp:12", shown at debug level only.
void write(Level level, std::string_view words, const char* file, int line);

/// To stderr as it is. Gives up when nobody has read it for 100 ms: a supervisor has signals to
/// forward, and a deadline holds whoever reads.
void write_raw(std::string_view text);

/// The line as write() would make it, without sending it anywhere.
[[nodiscard]] std::string format_line(Level level, std::string_view words, const char* file,
                                      int line);

}  // namespace toolkit::log

#define TOOLKIT_LOG(level_, ...)                                                        \
  do {                                                                                  \
    if (::toolkit::log::enabled(level_)) {                                              \
      ::toolkit::log::write(level_, fmt::format(__VA_ARGS__), __FILE_NAME__, __LINE__); \
    }                                                                                   \
  } while (false)
#define log_debug(...) TOOLKIT_LOG(::toolkit::log::Level::debug, __VA_ARGS__)
#define log_info(...) TOOLKIT_LOG(::toolkit::log::Level::info, __VA_ARGS__)
#define log_warn(...) TOOLKIT_LOG(::toolkit::log::Level::warn, __VA_ARGS__)
#define log_error(...) TOOLKIT_LOG(::toolkit::log::Level::error, __VA_ARGS__)
