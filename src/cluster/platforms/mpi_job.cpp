#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

namespace toolkit::cluster {
namespace {

// pkg/controller/mpi_job_controller.go of the operator. The file is "host slots=N" for Open MPI and
// "host:N" for Intel MPI and MPICH.
constexpr std::string_view kFile = "/etc/mpi/hostfile";

std::string_view detect(const Surroundings& surroundings) {
  const auto role = all_set(surroundings, {"K_MPI_JOB_ROLE"});
  return role.empty() && surroundings.exists(std::string(kFile)) ? kFile : role;
}

void read_hosts(Account& account, std::string_view text) {
  std::vector<std::string> names;
  for (const auto whole : split(text, '\n')) {
    const auto line = trim(whole);
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    auto [name, count] = host_and_port(line.substr(0, line.find(' ')));
    if (const auto slots = line.find("slots="); slots != line.npos) {
      count = line.substr(slots + 6);
    }
    const auto number = count.empty() ? 1 : parse_whole(count).value_or(0);
    if (number < 1 || number > 1'000'000) {
      account.trouble(fmt::format("{}: {}: no number of slots", kFile, printable(line)));
      return;
    }
    names.push_back(std::move(name));
    account.slots.counts.push_back(static_cast<std::uint32_t>(number));
  }
  account.slots.sources = {std::string(kFile)};
  account.say_nodes(names, std::string(kFile));
  if (!names.empty()) {
    account.compose(Field::node_count, fmt::format("{}", names.size()), {std::string(kFile)},
                    "the lines of the file");
  }
}

void read(Account& account) {
  account.say(Field::role, "K_MPI_JOB_ROLE");
  if (const auto text = account.surroundings().file(std::string(kFile))) {
    read_hosts(account, *text);
  }
  for (const auto field : {Field::rank, Field::local_rank, Field::node_rank}) {
    account.lacks(field, "a pod of an MPIJob is not a rank; mpirun starts those");
  }
}

}  // namespace

extern const Platform kMpiJob;
const Platform kMpiJob{"mpi-job", "MPIJob pod", Scope::node, detect, read};

}  // namespace toolkit::cluster
