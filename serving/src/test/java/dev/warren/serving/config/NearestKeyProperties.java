package dev.warren.serving.config;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class NearestKeyProperties {
  @Property
  void distancesAreThoseOfEditing(@ForAll String a, @ForAll String b) {
    int edits = NearestKey.edits(a, b);
    assertThat(edits).isEqualTo(NearestKey.edits(b, a));
    assertThat(edits)
        .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
    assertThat(NearestKey.edits(a, a)).isZero();
  }
}
