// What the part cluster makes of host lists, for the lab. Reads questions, each ended by a zero
// byte: "22 EXPRESSION", "24 EXPRESSION" (names, a line each, or "error"), "fold NAME,NAME…". Each
// answer ends with a zero byte too.
#include <toolkit/base/text.hpp>
#include <toolkit/cluster/host_list.hpp>

#include <fmt/format.h>

#include <iostream>

using namespace toolkit::cluster;

namespace {

std::string answer(std::string_view verb, std::string_view text) {
  if (verb == "fold") {
    const auto names = toolkit::split(text, ',');
    return fold_hosts({names.begin(), names.end()});
  }
  const auto grammar = verb == "22" ? HostGrammar::slurm_22 : HostGrammar::slurm_24;
  const auto hosts = expand_hosts(text, grammar, 3000);
  return hosts ? fmt::format("{}", fmt::join(*hosts, "\n")) : "error: " + hosts.error().message;
}

}  // namespace

int main() {
  std::string question;
  while (std::getline(std::cin, question, '\0')) {
    const auto blank = question.find(' ');
    const std::string_view all = question;
    std::cout << answer(all.substr(0, blank), all.substr(blank + 1)) << '\0';
  }
}
