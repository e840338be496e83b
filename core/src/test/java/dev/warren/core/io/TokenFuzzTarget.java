package dev.warren.core.io;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Tokens and the packets that bear them. */
class TokenFuzzTarget {
  @FuzzTest
  void token(byte[] input) throws Exception {
    new TokenProperties().noOtherBytesAreAToken(input);
  }

  @FuzzTest
  void initial(byte[] input) throws Exception {
    TokenProperties.checkInitial(input);
  }
}
