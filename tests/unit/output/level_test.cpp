#include <toolkit/output/level.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace toolkit::output;

namespace {

struct Case {
  const char* line;
  Level level;
};

void check_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const Level other = c.level == Level::debug ? Level::fatal : Level::debug;
    CHECK(detect_level(c.line, other) == c.level);
  }
}

}  // namespace

TEST_CASE("a line that begins with a level has it") {
  check_all({{"WARNING:root:disk is slow", Level::warn},
             {"CRITICAL:trainer:out of memory", Level::fatal},
             {"ERROR: no such file", Level::error},
             {"INFO 07-04 15:50:26 engine.py:12] ready", Level::info},
             {"DEBUG", Level::debug},
             {"\x1b[33mWARNING\x1b[0m disk", Level::warn},
             {"\x1b[1;31mERROR", Level::error}});
}

TEST_CASE("glog and absl lines have the level of their letter") {
  check_all({{"W0704 15:50:26.123456 139 file.cc:7] slow", Level::warn},
             {"E0704 15:50:26.123456 139 file.cc:7] bad", Level::error},
             {"I1231 01:02:03.1 1 f.cc:1] x", Level::info},
             {"F0704 15:50:26.123456 139 file.cc:7] gone", Level::fatal},
             {"[W704 15:50:26.123 socket.cpp:436] retry", Level::warn},
             {"[rank0]:[E704 15:50:26.1 ProcessGroupNCCL.cpp:1] timeout", Level::error},
             {"[W socket.cpp:436] retry", Level::warn},
             {"[I 2021-07-04 15:50:26,123] trial finished", Level::info}});
}

TEST_CASE("logrus and slog lines have the level of their key") {
  check_all({{"time=\"2021-07-04T15:50:26Z\" level=warning msg=\"x level=error\"", Level::warn},
             {"time=2021-07-04T15:50:26Z level=ERROR msg=x", Level::error},
             {"level=debug msg=x", Level::debug},
             {"level=fatal msg=x", Level::fatal}});
}

TEST_CASE("a date, a name and a level are read in the usual orders") {
  check_all({{"2021-07-04 15:50:26,123 - trainer - WARNING - slow", Level::warn},
             {"2021-07-04 15:50:26,123 - a - b - CRITICAL - slow", Level::fatal},
             {"2021-07-04 15:50:26,123\tERROR worker.py:12 -- lost", Level::error},
             {"2021-07-04T15:50:26.123Z ERROR x", Level::error},
             {"2021-07-04 15:50:26.123 | DEBUG    | module:main:12 - x", Level::debug},
             {"2021-07-04 15:50:26.123456: W tensorflow/core/x.cc:1] y", Level::warn},
             {"2021/07/04 15:50:26 [error] 12#12: x", Level::error},
             {"07/04/2021 15:50:26 - INFO - __main__ - x", Level::info},
             {"15:50:26 WARNING x", Level::warn},
             {"2021-07-04 15:50:26 UTC [123] ERROR:  relation", Level::error}});
}

TEST_CASE("levels in brackets are read") {
  check_all({{"[2021-07-04 15:50:26,123][trainer][INFO] - x", Level::info},
             {"[2021-07-04 15:50:26,123] [WARNING] [logging.py:96:log] [Rank 0] x", Level::warn},
             {"[2021-07-04 15:50:26.123] [core] [error] x", Level::error},
             {"[2021-07-04 15:50:26]  WARN run: x", Level::warn},
             {"[2021-07-04 15:50:26] worker WARNING x", Level::warn},
             {"[INFO|trainer.py:12] x", Level::info},
             {"[WARNING] x", Level::warn},
             {"[fatal] x", Level::fatal},
             {"[src.train][ERROR] x", Level::error},
             {"[rank3]: 2021-07-04 15:50:26,123 - x - ERROR - y", Level::error},
             {"[default0]:WARNING:root:x", Level::warn}});
}

TEST_CASE("JSON lines have the level of their key") {
  check_all({{R"({"time":"x","level":"error","msg":"y"})", Level::error},
             {R"({"levelname": "WARNING", "message": "y"})", Level::warn},
             {R"({"severity":"INFO"})", Level::info},
             {R"({"msg":"\"level\":\"x\"","level":"debug"})", Level::debug}});
}

TEST_CASE("a line that states no level keeps the other one") {
  const std::vector<std::string> lines{"",
                                       "I",
                                       "E",
                                       "[",
                                       "{",
                                       "2",
                                       "have a nice day",
                                       "Epoch 3 ERROR",
                                       "ERRORS: 0",
                                       "INFORMATION",
                                       "100%|####| 3/3 [00:01<00:00]",
                                       "[1/10] loss 0.3 ERROR rate",
                                       "time flies level=error",
                                       "level",
                                       "level=",
                                       "level=loud",
                                       "2021-07-04 we met an ERROR",
                                       "2021-07-04 15:50:26 x: ERROR",
                                       "2021 ERROR",
                                       "W0704",
                                       "W0704 x",
                                       "X0704 15:50:26 f",
                                       "Traceback (most recent call last):",
                                       R"({"level":30})",
                                       R"({"level":"})",
                                       R"({"message":"\"level\":\"error\""})",
                                       "[]",
                                       "[rank0]:",
                                       "[rank0]: ",
                                       "\x1b[",
                                       "\x1b[33m",
                                       "\x1b[33",
                                       "Wed Jul  4 15:50:26",
                                       "D0704 15:50:26",
                                       "[ ",
                                       "12:34:5",
                                       "12:34:56",
                                       "12:34:56 "};
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(detect_level(line, Level::info) == Level::info);
    CHECK(detect_level(line, Level::error) == Level::error);
  }
}

TEST_CASE("every cut of a line is read without looking past its end") {
  const std::string line = "[rank0]:[2021-07-04 15:50:26,123][trainer][INFO] - words";
  for (std::size_t size = 0; size <= line.size(); ++size) {
    const std::vector<char> exact(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(size));
    (void)detect_level({exact.data(), exact.size()}, Level::info);
  }
}

TEST_CASE("level columns are five wide") {
  for (const Level level : {Level::debug, Level::info, Level::warn, Level::error, Level::fatal}) {
    CHECK(level_column(level).size() == 5);
  }
  CHECK(level_column(Level::info) == " INFO");
}
