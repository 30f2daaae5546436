#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/wall_clock.hpp>

#include <poll.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace toolkit::log {
namespace {

// Function-local objects, not globals: they cost nothing to a run that says nothing.
Settings& own_settings() {
  static Settings the_settings;
  return the_settings;
}
Writer& writer() {
  thread_local Writer the_writer;
  return the_writer;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

const char* level_name(Level level) {
  static constexpr const char* kNames[] = {"debug", "info", "warn", "error", "off"};
  return kNames[static_cast<int>(level)];
}

std::string text_line(Level level, std::string_view words, const char* file, int line) {
  const Settings& now = settings();
  const bool with_place = now.level == Level::debug && file != nullptr;
  spdlog::pattern_formatter formatter(with_place ? "[%Y-%m-%d %H:%M:%S] %^%5l%$ %n: %v (%s:%#)"
                                                 : "[%Y-%m-%d %H:%M:%S] %^%5l%$ %n: %v");
  const spdlog::details::log_msg message(spdlog::source_loc{file, line, ""}, now.name,
                                         spdlog_level(level),
                                         spdlog::string_view_t(words.data(), words.size()));
  spdlog::memory_buf_t buffer;
  formatter.format(message, buffer);
  std::string text(buffer.data(), buffer.size());
  if (now.colour && message.color_range_end > message.color_range_start) {
    static constexpr const char* kColours[] = {"\033[2m", "\033[32m", "\033[33m", "\033[31m"};
    text.insert(message.color_range_end, "\033[0m");
    text.insert(message.color_range_start, kColours[static_cast<int>(level)]);
  }
  return text;
}

std::string json_line(Level level, std::string_view words, const char* file, int line) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .field("time", utc_text(std::chrono::system_clock::now()))
      .field("level", level_name(level))
      .field("source", settings().name)
      .field("message", words);
  if (settings().level == Level::debug && file != nullptr) {
    json.field("file", file).field("line", line);
  }
  json.end_object();
  return text + '\n';
}

}  // namespace

void configure(Settings settings) { own_settings() = std::move(settings); }
const Settings& settings() { return own_settings(); }
bool enabled(Level level) { return level >= settings().level; }
void set_writer(Writer new_writer) { writer() = std::move(new_writer); }

void write(Level level, std::string_view words, const char* file, int line) {
  const std::string text = format_line(level, words, file, line);
  writer() ? writer()(level, text) : write_raw(text);
}

// 4096 (PIPE_BUF) is what a pipe takes whole once poll calls it writable.
void write_raw(std::string_view text) {
  while (!text.empty()) {
    struct pollfd entry {
      STDERR_FILENO, POLLOUT, 0
    };
    if (::poll(&entry, 1, 100) == 0) {
      return;
    }
    const ssize_t count =
        ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), 4096));
    if (count < 0 && errno != EINTR) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
}

std::string format_line(Level level, std::string_view words, const char* file, int line) {
  return settings().format == Format::json ? json_line(level, words, file, line)
                                           : text_line(level, words, file, line);
}

}  // namespace toolkit::log
