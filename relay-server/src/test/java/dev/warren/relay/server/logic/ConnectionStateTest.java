package dev.warren.relay.server.logic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every event in every state. */
class ConnectionStateTest {
  @ParameterizedTest
  @CsvSource({
    // state,   proved,    allowed,   refused,   ended
    "PROVING,   DECIDING,  PROVING,   ENDED,     ENDED",
    "DECIDING,  DECIDING,  RELAYING,  ENDED,     ABANDONED",
    "ABANDONED, ABANDONED, ENDED,     ENDED,     ABANDONED",
    "RELAYING,  RELAYING,  RELAYING,  RELAYING,  ENDED",
    "ENDED,     ENDED,     ENDED,     ENDED,     ENDED",
  })
  void eachEventLeadsWhereTheTableSays(
      ConnectionState state,
      ConnectionState proved,
      ConnectionState allowed,
      ConnectionState refused,
      ConnectionState ended) {
    assertThat(state.onProved()).isEqualTo(proved);
    assertThat(state.onAllowed()).isEqualTo(allowed);
    assertThat(state.onRefused()).isEqualTo(refused);
    assertThat(state.onEnded()).isEqualTo(ended);
    assertThat(state.isHandshake())
        .isEqualTo(state == ConnectionState.PROVING || state == ConnectionState.DECIDING);
  }
}
