package dev.warren.base;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** What people type: addresses, relay URLs, custom addresses, ALPNs, ids and secret keys. */
class AddressFuzzTarget {
  private final AddressProperties addresses = new AddressProperties();
  private final KeyProperties keys = new KeyProperties();

  private static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  @FuzzTest
  void socketAddress(byte[] input) throws Exception {
    addresses.anyTextIsAnAddressOrIsRefused(text(input));
    addresses.anyTextIsACustomAddressOrIsRefused(text(input));
    addresses.anyTextIsAnAlpnOrIsRefused(text(input));
  }

  @FuzzTest
  void relayUrl(byte[] input) throws Exception {
    addresses.anyTextIsARelayUrlOrIsRefused(text(input));
  }

  @FuzzTest
  void key(byte[] input) throws Exception {
    keys.anyTextIsAnIdWhoseFormIsThatTextOrIsRefused(text(input));
    keys.anyTextIsASecretKeyOrIsRefusedWithoutBeingShown(text(input));
  }

  @FuzzTest
  void point(byte[] input) throws Exception {
    keys.noBytesButAPointAreAnId(input);
    keys.aPointIsOnTheCurveWhenBouncyCastleSaysSo(java.util.Arrays.copyOf(input, 32));
  }
}
