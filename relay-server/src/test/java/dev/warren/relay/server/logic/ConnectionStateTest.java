package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every event in every state. */
class ConnectionStateTest {
  @ParameterizedTest
  @CsvSource({
    // state,   shown,     proved,    unproved,  allowed,   refused,   ended,     handshake, waiting
    "PROVING,   VERIFYING, PROVING,   PROVING,   PROVING,   ENDED,     ENDED,     true,      false",
    "VERIFYING, VERIFYING, DECIDING,  PROVING,   VERIFYING, ENDED,     ENDED,     true,      true",
    "DECIDING,  DECIDING,  DECIDING,  DECIDING,  RELAYING,  ENDED,     ABANDONED, true,      true",
    "ABANDONED, ABANDONED, ABANDONED, ABANDONED, ENDED,     ENDED,     ABANDONED, false,     false",
    "RELAYING,  RELAYING,  RELAYING,  RELAYING,  RELAYING,  RELAYING,  ENDED,     false,     false",
    "ENDED,     ENDED,     ENDED,     ENDED,     ENDED,     ENDED,     ENDED,     false,     false",
  })
  void eachEventLeadsWhereTheTableSays(
      ConnectionState state,
      ConnectionState shown,
      ConnectionState proved,
      ConnectionState unproved,
      ConnectionState allowed,
      ConnectionState refused,
      ConnectionState ended,
      boolean handshake,
      boolean waiting) {
    assertThat(state.onShown()).isEqualTo(shown);
    assertThat(state.onProved()).isEqualTo(proved);
    assertThat(state.onUnproved()).isEqualTo(unproved);
    assertThat(state.onAllowed()).isEqualTo(allowed);
    assertThat(state.onRefused()).isEqualTo(refused);
    assertThat(state.onEnded()).isEqualTo(ended);
    assertThat(state.isHandshake()).isEqualTo(handshake);
    assertThat(state.isWaiting()).isEqualTo(waiting);
  }
}
