#pragma once
// What `check-gpu` has to tell: the facts and what they mean.

#include <toolkit/diagnosis/diagnose.hpp>
#include <toolkit/gpu/facts.hpp>

namespace toolkit::commands {

struct Judged {
  const gpu::Facts& facts;
  diagnosis::Verdict verdict;
  bool strict = false;

  [[nodiscard]] int exit_code() const { return diagnosis::exit_code_of(verdict, strict); }
};

}  // namespace toolkit::commands
