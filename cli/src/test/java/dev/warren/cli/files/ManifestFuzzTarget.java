package dev.warren.cli.files;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Lists of files and names from a stranger. */
class ManifestFuzzTarget {
  @FuzzTest
  void manifest(byte[] input) throws Exception {
    ManifestProperties.check(input);
  }

  @FuzzTest
  void name(byte[] input) throws Exception {
    ManifestProperties.checkName(input);
  }
}
