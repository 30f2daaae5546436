#include "src/cli/settings.hpp"

#include "commands/run.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

using namespace toolkit;
using namespace toolkit::cli;

namespace {

const Command& run() { return *find_command(all_commands(), "run"); }

struct Line {
  std::vector<std::string> words;
  std::vector<std::string> environment = {};
};

Result<Settings> settings_of(Line line) {
  std::vector<char*> pointers;
  line.words.insert(line.words.begin(), "run");
  for (std::string& word : line.words) {
    pointers.push_back(word.data());
  }
  std::vector<char*> variables;
  for (std::string& variable : line.environment) {
    variables.push_back(variable.data());
  }
  variables.push_back(nullptr);
  return read_settings(run(), cut_words(pointers, all_commands()), variables.data());
}

const commands::RunOptions& options_of(const Settings& settings) {
  return *static_cast<const commands::RunOptions*>(settings.options.get());
}

std::string config_file(const std::string& text) {
  const std::string path = "/tmp/toolkit_settings_test_" + std::to_string(::getpid()) + ".toml";
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("the command line wins over the environment, and that over the file") {
  const std::string file = config_file(
      "[run]\ngrace = \"1s\"\ndrain = \"1s\"\nlog-keep = 9\nenv = [\"A=1\", \"B=2 3\"]\n");
  const auto settings = settings_of(
      {{"--config", file, "--grace", "3s"}, {"TOOLKIT_RUN_GRACE=2s", "TOOLKIT_RUN_DRAIN=2s"}});
  REQUIRE(settings);
  const auto& options = options_of(*settings);
  CHECK(options.stop.grace == Milliseconds(3000));
  CHECK(options.stop.drain == Milliseconds(2000));
  CHECK(options.output.keep == 9);
  CHECK(options.process.environment == std::vector<std::string>{"A=1", "B=2 3"});
  const std::string shown = show_settings(run(), *settings);
  CHECK(shown.find("TOOLKIT_RUN_DRAIN") != std::string::npos);
  CHECK(shown.find("run.log-keep") != std::string::npos);
  ::unlink(file.c_str());
}

TEST_CASE("an error names the place that the value came from") {
  CHECK(settings_of({{"--grace", "soon"}}).error().message == "--grace: 'soon' is not a duration");
  CHECK(settings_of({{}, {"TOOLKIT_RUN_GRACE=soon"}}).error().message ==
        "TOOLKIT_RUN_GRACE: 'soon' is not a duration");
  CHECK(settings_of({{"--console", "rw"}}).error().remedy == "raw");
  CHECK(settings_of({{"--grace"}}).error().message == "--grace needs a value");
}

TEST_CASE("unknown keys of the file are an error, unknown variables a warning") {
  const std::string file = config_file("[run]\ngrce = \"1s\"\n[sync]\nother = 1\n");
  const auto settings = settings_of({{"--config", file}});
  REQUIRE_FALSE(settings);
  CHECK(settings.error().message.find("grce") != std::string::npos);
  CHECK(settings.error().remedy == "grace");
  ::unlink(file.c_str());
  const auto warned = settings_of({{}, {"TOOLKIT_RUN_GRCE=1s", "TOOLKIT_GRACE=5s"}});
  REQUIRE(warned);
  CHECK(warned->warnings == std::vector<std::string>{"TOOLKIT_RUN_GRCE names no option of run"});
}

TEST_CASE("the last of several values counts, and repeatable options keep them all") {
  const auto settings = settings_of({{"--grace", "1s", "--grace=2s", "--env", "A=1", "--env=B",
                                      "--rewrite", "TERM=USR1", "--rewrite", "INT=0"}});
  REQUIRE(settings);
  const auto& options = options_of(*settings);
  CHECK(options.stop.grace == Milliseconds(2000));
  CHECK(options.process.environment.size() == 2);
  CHECK(options.stop.rewrite.to[SIGTERM] == SIGUSR1);
  CHECK(options.stop.rewrite.to[SIGINT] == 0);
  CHECK(options.stop.rewrite.to[SIGHUP] == SIGHUP);
}

TEST_CASE("flags are true and false in the environment") {
  CHECK(options_of(*settings_of({{}, {"TOOLKIT_RUN_PTY=1"}})).output.pty);
  CHECK_FALSE(options_of(*settings_of({{}, {"TOOLKIT_RUN_PTY=false"}})).output.pty);
  CHECK_FALSE(settings_of({{}, {"TOOLKIT_RUN_PTY=maybe"}}));
}
