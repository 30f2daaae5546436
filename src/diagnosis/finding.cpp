#include <toolkit/diagnosis/rule.hpp>

#include <utility>

namespace toolkit::diagnosis {

std::string_view status_name(Status status) {
  switch (status) {
    case Status::pass:
      return "pass";
    case Status::warn:
      return "warn";
    case Status::fail:
      return "fail";
    case Status::skip:
      return "skip";
    case Status::unknown:
      break;
  }
  return "unknown";
}

std::string_view owner_name(Owner owner) {
  switch (owner) {
    case Owner::user:
      return "user";
    case Owner::image:
      return "image";
    case Owner::runtime:
      return "runtime";
    case Owner::node:
    case Owner::hung:
      return "node";
    case Owner::hardware:
      return "hardware";
    case Owner::none:
      break;
  }
  return "";
}

int exit_code_of(Owner owner) {
  switch (owner) {
    case Owner::user:
      return 10;
    case Owner::image:
      return 11;
    case Owner::runtime:
      return 12;
    case Owner::node:
      return 13;
    case Owner::hardware:
      return 14;
    case Owner::hung:
      return 15;
    case Owner::none:
      break;
  }
  return 1;
}

namespace {
Finding make(Status status, Owner owner, std::string cause, std::string remedy,
             std::vector<std::string> evidence) {
  Finding finding;
  finding.status = status;
  finding.owner = owner;
  finding.cause = std::move(cause);
  finding.remedy = std::move(remedy);
  finding.evidence = std::move(evidence);
  return finding;
}
}  // namespace

Finding pass(std::string cause, std::vector<std::string> evidence) {
  return make(Status::pass, Owner::none, std::move(cause), "", std::move(evidence));
}

Finding warn(Owner owner, std::string cause, std::string remedy,
             std::vector<std::string> evidence) {
  return make(Status::warn, owner, std::move(cause), std::move(remedy), std::move(evidence));
}

Finding fail(Owner owner, std::string cause, std::string remedy,
             std::vector<std::string> evidence) {
  return make(Status::fail, owner, std::move(cause), std::move(remedy), std::move(evidence));
}

Finding skip(std::string reason, std::vector<std::string> evidence) {
  return make(Status::skip, Owner::none, std::move(reason), "", std::move(evidence));
}

Finding unknown(std::string reason, std::vector<std::string> evidence) {
  return make(Status::unknown, Owner::none, std::move(reason), "", std::move(evidence));
}

}  // namespace toolkit::diagnosis
