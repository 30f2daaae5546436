#include <toolkit/base/log.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <thread>

using toolkit::log::configure;
using toolkit::log::Format;
using toolkit::log::format_line;
using toolkit::log::Level;
using toolkit::log::Settings;
using toolkit::log::Writer;

namespace {

// The settings are the program's: each test puts back what it found.
struct SettingsGuard {
  Settings before = toolkit::log::settings();
  ~SettingsGuard() {
    configure(before);
    toolkit::log::set_writer(Writer());
  }
};

// Equal, where a 0 stands for any digit.
bool looks_like(std::string text, const std::string& form) {
  for (std::size_t i = 0; i < text.size() && i < form.size(); ++i) {
    text[i] = form[i] == '0' && text[i] >= '0' && text[i] <= '9' ? '0' : text[i];
  }
  if (text != form) {
    MESSAGE(text);
  }
  return text == form;
}

const std::string kStamp = "[0000-00-00 00:00:00] ";

}  // namespace

TEST_CASE("a line has stamp, level, command and words") {
  const SettingsGuard guard;
  configure({.name = "run"});
  CHECK(looks_like(format_line(Level::info, "have a nice day", "f.cpp", 1),
                   kStamp + " INFO run: have a nice day\n"));
  CHECK(looks_like(format_line(Level::warn, "w", nullptr, 0), kStamp + " WARN run: w\n"));
  CHECK(looks_like(format_line(Level::error, "", nullptr, 0), kStamp + "ERROR run: \n"));
}

TEST_CASE("at debug level a line says where it comes from") {
  const SettingsGuard guard;
  configure({.level = Level::debug, .name = "run"});
  CHECK(looks_like(format_line(Level::debug, "d", "f.cpp", 12),
                   kStamp + "DEBUG run: d (f.cpp:12)\n"));
  CHECK(looks_like(format_line(Level::debug, "d", nullptr, 0), kStamp + "DEBUG run: d\n"));
}

TEST_CASE("words with percent signs and any bytes are not a pattern") {
  const SettingsGuard guard;
  configure({.name = "run"});
  CHECK(format_line(Level::info, "100%v %n {} \xFF", nullptr, 0)
            .ends_with("run: 100%v %n {} \xFF\n"));
}

TEST_CASE("colour is around the level only") {
  const SettingsGuard guard;
  configure({.colour = true, .name = "run"});
  CHECK(looks_like(format_line(Level::error, "x", nullptr, 0),
                   kStamp + "\033[31mERROR\033[0m run: x\n"));
}

TEST_CASE("a JSON line is one object") {
  const SettingsGuard guard;
  configure({.level = Level::debug, .format = Format::json, .name = "run"});
  const std::string line = format_line(Level::warn, "a \"b\"\n\xFF", "f.cpp", 3);
  CHECK(line.ends_with("}\n"));
  const auto json = nlohmann::json::parse(line);
  CHECK(json["level"] == "warn");
  CHECK(json["source"] == "run");
  CHECK(json["message"] == "a \"b\"\n\uFFFD");
  CHECK(json["file"] == "f.cpp");
  CHECK(json["line"] == 3);
  CHECK(looks_like(json["time"], "0000-00-00T00:00:00.000Z"));
}

TEST_CASE("a writer is its thread's own") {
  const SettingsGuard guard;
  std::string seen;
  toolkit::log::set_writer([&](Level, std::string_view line) { seen += line; });
  configure({.level = Level::error, .name = "run"});
  std::thread([] { log_error("of another thread, on stderr"); }).join();
  CHECK(seen.empty());
  log_error("ours");
  CHECK(seen.ends_with("ERROR run: ours\n"));
}

TEST_CASE("lines below the level are not made") {
  const SettingsGuard guard;
  std::string seen;
  toolkit::log::set_writer([&](Level, std::string_view line) { seen += line; });
  configure({.level = Level::warn, .name = "run"});
  log_debug("no {}", 1);
  log_info("no {}", 2);
  log_warn("yes {}", 3);
  CHECK(seen.find("no") == std::string::npos);
  CHECK(seen.ends_with("WARN run: yes 3\n"));
  configure({.level = Level::off, .name = "run"});
  log_error("no");
  CHECK(seen.ends_with("yes 3\n"));
}

TEST_CASE("a stderr that nobody reads does not stop the one who writes") {
  const SettingsGuard guard;
  configure({.name = "run"});
  int pipe_ends[2];
  REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
  const int saved = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
  ::dup2(pipe_ends[1], STDERR_FILENO);
  const auto start = std::chrono::steady_clock::now();
  toolkit::log::write(Level::info, std::string(200'000, 'x'), nullptr, 0);
  const auto passed = std::chrono::steady_clock::now() - start;
  ::dup2(saved, STDERR_FILENO);
  for (const int fd : {saved, pipe_ends[0], pipe_ends[1]}) {
    ::close(fd);
  }
  CHECK(passed >= std::chrono::milliseconds(90));
  CHECK(passed < std::chrono::milliseconds(1000));
}
