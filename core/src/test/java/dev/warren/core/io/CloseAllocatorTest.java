package dev.warren.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CloseAllocatorTest {
  @Test
  void itGivesBuffersUntilTheCloseIsFoundToBeEndless() {
    AtomicBoolean endless = new AtomicBoolean();
    ByteBufAllocator guarded = CloseAllocator.of(UnpooledByteBufAllocator.DEFAULT, endless::get);
    ByteBuf buffer = guarded.directBuffer(100);
    assertThat(buffer.isDirect()).isTrue();
    assertThat(buffer.capacity()).isEqualTo(100);
    buffer.release();
    ByteBuf unwritten = guarded.directBuffer(100);
    endless.set(true);
    assertThatThrownBy(() -> guarded.directBuffer(100))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no end of closing");
    assertThat(unwritten.refCnt()).isZero();
  }

  @Test
  void failuresOfTheAllocatorComeOutAsTheyAre() {
    ByteBufAllocator guarded = CloseAllocator.of(UnpooledByteBufAllocator.DEFAULT, () -> false);
    assertThatThrownBy(() -> guarded.directBuffer(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
