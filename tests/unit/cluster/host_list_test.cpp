#include <toolkit/cluster/host_list.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <tests/support/environment.hpp>

#include <ctime>

using toolkit::ErrorKind;
using toolkit::cluster::expand_counts;
using toolkit::cluster::expand_hosts;
using toolkit::cluster::fold_hosts;
using toolkit::cluster::HostGrammar;

namespace {

/// The names with blanks between them, or "error".
std::string expanded(std::string_view expression, HostGrammar grammar = HostGrammar::slurm_24) {
  const auto hosts = expand_hosts(expression, grammar);
  return hosts ? fmt::format("{}", fmt::join(*hosts, " ")) : "error";
}

struct Case {
  std::string_view expression, in_22, in_24;
};

// Each line was given to `scontrol show hostnames` of 22.05 and of 24.11.
constexpr Case kCases[] = {
    {"", "", ""},
    {"n1", "n1", "n1"},
    {"n[01-03,7]", "n01 n02 n03 n7", "n01 n02 n03 n7"},
    {"n[9-11]", "n9 n10 n11", "n9 n10 n11"},
    {"n[09-11]", "n09 n10 n11", "n09 n10 n11"},
    {"n[1-03]", "n1 n2 n3", "n1 n2 n3"},
    {"r[1-2]c[01-02]", "r1c01 r1c02 r2c01 r2c02", "r1c01 r1c02 r2c01 r2c02"},
    {"a[1],a[1-2]", "a1 a1 a2", "a1 a1 a2"},
    {"[1-3]", "1 2 3", "1 2 3"},
    {",a b,,c\t", "a b c", "a b c"},
    {"a]b", "a]b", "a]b"},
    {"n[5-]", "n5", "n5"},
    {"n[+5-7]", "n05 n06 n07", "n05 n06 n07"},
    {"n[3-1]", "error", "error"},
    {"n[]", "error", "error"},
    {"n[1,,2]", "error", "error"},
    {"n[1x2]", "error", "error"},
    {"n[0-65536]", "error", "error"},
    {"gpu[1-2]-ib0", "error", "gpu1-ib0 gpu2-ib0"},
    {"n[0-1]000", "error", "n0000 n1000"},
    {"n[1-2", "n]", "error"},
    {"[1-2", "1-2", "error"},
    {"n[1-3,5", "n] 5", "error"},
};

}  // namespace

TEST_CASE("a host list expands as scontrol of either generation expands it") {
  for (const auto& example : kCases) {
    CAPTURE(example.expression);
    CHECK(expanded(example.expression, HostGrammar::slurm_22) == example.in_22);
    CHECK(expanded(example.expression, HostGrammar::slurm_24) == example.in_24);
  }
}

TEST_CASE("of several brackets the last turns fastest, then the first") {
  CHECK(expanded("a[1-2]b[1-2]c[1-2]") ==
        "a1b1c1 a1b1c2 a2b1c1 a2b1c2 a1b2c1 a1b2c2 a2b2c1 a2b2c2");
}

TEST_CASE("an error of a host list names the place and quotes nothing hostile") {
  const auto backwards = expand_hosts("login,n[1,3-1]");
  REQUIRE_FALSE(backwards);
  CHECK(backwards.error().kind == ErrorKind::usage);
  CHECK(backwards.error().message ==
        "host list login,n[1,3-1]: a range that runs backwards: '3-1' at byte 11");
  const auto control = expand_hosts("n[\x1b]");
  REQUIRE_FALSE(control);
  CHECK(control.error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("a number that no machine word holds is an error, and a bad bracket never drops hosts") {
  CHECK(expanded("n[99999999999999999999]") == "error");
  CHECK(expanded("n99999999999999999999") == "n99999999999999999999");
  CHECK(expanded("a[x]b[1]c[1]") == "error");
}

TEST_CASE("a million hosts expand within a second and fold again") {
  std::string expression = "rack[0-15]n[0-62499]";
  const auto before = std::clock();
  const auto hosts = expand_hosts(expression);
  const auto seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  REQUIRE(hosts);
  REQUIRE(hosts->size() == 1'000'000);
  CHECK(hosts->back() == "rack15n62499");
  CHECK(seconds < (toolkit::support::sanitized() ? 10.0 : 1.0));
  const auto again = expand_hosts(fold_hosts(*hosts));
  REQUIRE(again);
  CHECK(*again == *hosts);
}

TEST_CASE("an expression that asks for too much is an error before it is memory") {
  CHECK(expand_hosts("a[0-65535]b[0-65535]", HostGrammar::slurm_24, 1000).error().message ==
        "host list a[0-65535]b[0-65535]: more than 1000 hosts or 256 MiB of names: "
        "'a[0-65535]b[0-65535]' at byte 1");
  CHECK_FALSE(expand_hosts(std::string(100'000, 'a') + "[0-65535]"));
  std::string deep;
  for (int i = 0; i < 30'000; ++i) {
    deep += "[0-9]";
  }
  CHECK_FALSE(expand_hosts(deep));
}

TEST_CASE("names fold as scontrol show hostlist writes them") {
  const auto folded = [](std::vector<std::string> names) { return fold_hosts(names); };
  CHECK(folded({}).empty());
  CHECK(folded({"n1", "n2", "n3", "n05"}) == "n[1-3,05]");
  CHECK(folded({"n9", "n10", "n11"}) == "n[9-11]");
  CHECK(folded({"n09", "n10", "n011"}) == "n[09-10,011]");
  CHECK(folded({"n1"}) == "n1");
  CHECK(folded({"n1", "n1"}) == "n[1,1]");
  CHECK(folded({"n1", "m1", "n2"}) == "n1,m1,n2");
  CHECK(folded({"login", "login"}) == "login,login");
  CHECK(folded({"1", "2"}) == "[1-2]");
  CHECK(folded({"n3", "n2"}) == "n[3,2]");
}

TEST_CASE("a run longer than a range may be folds into ranges that can be read again") {
  std::vector<std::string> names;
  for (int i = 0; i < 70'000; ++i) {
    names.push_back(fmt::format("n{}", i));
  }
  CHECK(fold_hosts(names) == "n[0-65535,65536-69999]");
}

TEST_CASE("counts per node are told by their repetitions") {
  const auto counts = expand_counts("2(x2),1");
  REQUIRE(counts);
  CHECK(*counts == std::vector<std::uint32_t>{2, 2, 1});
  CHECK(*expand_counts("8") == std::vector<std::uint32_t>{8});
  for (const auto* wrong : {"", "2(x0)", "2(x", "2(x2", "2x2", "-1", "2(x2)3", "4294967296", "a"}) {
    CAPTURE(wrong);
    CHECK_FALSE(expand_counts(wrong));
  }
  CHECK_FALSE(expand_counts("1(x4000001)"));
  CHECK_FALSE(expand_counts("1(x99999999999999999999)"));
}
