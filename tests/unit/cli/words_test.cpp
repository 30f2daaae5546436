#include "src/cli/words.hpp"

#include <doctest/doctest.h>

using namespace toolkit::cli;

namespace {

Words cut(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  return cut_words(pointers, all_commands());
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("what stands behind -- is the child's, byte for byte") {
  const Words words = cut({"run", "--grace", "3s", "--", "python", "--", "--help", "", "-q"});
  CHECK(words.command == "run");
  CHECK(words.options == List{"--grace", "3s"});
  CHECK(words.operands == List{"python", "--", "--help", "", "-q"});
}

TEST_CASE("without -- the first word that is no option begins the child's command") {
  const Words words = cut({"run", "-q", "--pid-file=/x", "python", "--grace", "3s"});
  CHECK(words.options == List{"-q", "--pid-file=/x"});
  CHECK(words.operands == List{"python", "--grace", "3s"});
}

TEST_CASE("a value may look like an option or like --") {
  const Words words = cut({"run", "--prefix", "--", "--", "true"});
  CHECK(words.options == List{"--prefix", "--"});
  CHECK(words.operands == List{"true"});
}

TEST_CASE("general options work before and after the command") {
  const Words words = cut({"-v", "--log-level", "warn", "run", "-q", "--", "true"});
  CHECK(words.command == "run");
  CHECK(words.options == List{"-v", "--log-level", "warn", "-q"});
  CHECK(words.mentioned.size() == 3);
}

TEST_CASE("an empty word is a command that nobody has, as from an unset variable") {
  const Words words = cut({"", "run"});
  REQUIRE(words.command);
  CHECK(words.command->empty());
  CHECK(words.operands == List{"run"});
  CHECK_FALSE(cut({"-v"}).command);
}

TEST_CASE("the first unknown option is named") {
  CHECK(cut({"run", "--grce", "3s", "--", "true"}).unknown == "--grce");
  CHECK(cut({"run", "--grce=3s", "--", "true"}).unknown == "--grce");
  CHECK(cut({"run", "-vZ", "--", "true"}).unknown == "-vZ");
  CHECK(cut({"run", "--", "--grce"}).unknown.empty());
}

TEST_CASE("a command's own option comes before the general one of the same name") {
  const Option* own = find_option(find_command(all_commands(), "run"), "log-format");
  REQUIRE(own != nullptr);
  CHECK(std::string_view(own->choices) == "text,json,raw,cri");
  CHECK(find_option(nullptr, "log-format") != own);
}
