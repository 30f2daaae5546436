#include "src/probe/scram.hpp"

#include <doctest/doctest.h>

using toolkit::probe::Scram;

// The example of RFC 7677 3.
TEST_CASE("SCRAM-SHA-256: the example of its RFC") {
  Scram scram("user", "pencil", "rOprNGfwEbeRWgbNEkqO");
  CHECK(scram.first_message() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  CHECK(scram.final_message("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                            "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096") ==
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK(scram.is_genuine("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  CHECK_FALSE(scram.is_genuine("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="));
  CHECK_FALSE(scram.is_genuine("e=other-error"));
}

TEST_CASE("SCRAM-SHA-256: what is no server's message, or one to somebody else, is refused") {
  for (const char* message :
       {"", "r=ours,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=other+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=ours+,s=,i=4096", "r=ours+,s=!!!!,i=4096",
        "r=ours+,s=W22ZaJ0SNY7soEsUEjb6gQ==", "r=ours+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
        "r=ours+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1",
        "r=ours+,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647"}) {
    CAPTURE(message);
    Scram scram("", "pencil", "ours");
    CHECK_FALSE(scram.final_message(message));
    CHECK_FALSE(scram.is_genuine("v="));
  }
  CHECK_FALSE(Scram("", "pencil", "").final_message("r=x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1"));
}
