package dev.warren.discovery.logic;

import dev.warren.discovery.wire.DnsFormatException;
import dev.warren.discovery.wire.DnsMessages;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Tells the answer of a query from what others send in its place (RFC 5452 section 9.1). Whoever is
 * not on the way must guess the id, 16 bits, and the port that we ask from, which is a random one
 * for every query. Immutable.
 */
public final class AnswerCheck {
  private final int id;
  private final Record question;

  /** For the answer of {@code query}, which has one question. */
  public AnswerCheck(Message query) {
    this.id = query.getHeader().getID();
    this.question = query.getQuestion();
  }

  /** The answer, or null if these bytes are not it. */
  public @Nullable Message accept(byte[] bytes) {
    // Before anything is parsed: a flood of guesses is to cost little.
    if (bytes.length < 12 || ((bytes[0] & 0xff) << 8 | bytes[1] & 0xff) != id) {
      return null;
    }
    Message message;
    try {
      message = DnsMessages.parse(bytes);
    } catch (DnsFormatException e) {
      return null;
    }
    boolean answer =
        message.getHeader().getFlag(Flags.QR)
            && message.getHeader().getOpcode() == Opcode.QUERY
            && isOurQuestion(message);
    return answer ? message : null;
  }

  private boolean isOurQuestion(Message message) {
    List<Record> questions = message.getSection(Section.QUESTION);
    if (questions.isEmpty()) {
      // A server that did not understand the question need not repeat it.
      int rcode = message.getHeader().getRcode();
      return rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP;
    }
    Record asked = questions.get(0);
    return questions.size() == 1
        && asked.getName().equals(question.getName())
        && asked.getType() == question.getType()
        && asked.getDClass() == question.getDClass();
  }
}
