package dev.warren.base.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Base 32 and hex; postcard, read in the shapes that the input's first bytes say. */
class WireFuzzTarget {
  private static final int SHAPES = 8;

  private final WireProperties properties = new WireProperties();

  @FuzzTest
  void text(byte[] input) throws Exception {
    properties.onlyTheTextOfSomeBytesIsDecoded(new String(input, StandardCharsets.UTF_8));
  }

  @FuzzTest
  void postcard(byte[] input) throws Exception {
    int n = Math.min(SHAPES, input.length);
    List<WireProperties.Shape> shapes = new ArrayList<>();
    WireProperties.Shape[] all = WireProperties.Shape.values();
    for (int i = 0; i < n; i++) {
      shapes.add(all[(input[i] & 0xff) % all.length]);
    }
    properties.anyBytesAreReadInAnyShapeOrRefused(
        Arrays.copyOfRange(input, n, input.length), shapes);
  }
}
