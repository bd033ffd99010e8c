package dev.fermata.contracts.order;

import dev.fermata.contracts.WireEnum;

/** The codes of {@link Problem}. Programs depend on them: none is renamed or given another meaning. */
enum ProblemCode {
    /** The document is larger than a work order may be. */
    TOO_LARGE,
    /** A NUL character, half a surrogate pair or bytes that are no UTF-8. */
    NOT_TEXT,
    /** Nothing but blanks. */
    EMPTY,
    /** The YAML or JSON cannot be read at all. */
    SYNTAX,
    /** Indented by tabs, which YAML does not allow. */
    TAB,
    /** YAML tags, anchors, aliases and merge keys: valid YAML that has no place here. */
    UNSUPPORTED_YAML,
    /** Lists and mappings within each other deeper, or keys and numbers longer, than any work order needs. */
    TOO_DEEP,
    UNTERMINATED_FRONT_MATTER,
    UNTERMINATED_BLOCK,
    /** Two blocks, or a key and a block, for the same SQL or description. */
    GIVEN_TWICE,
    /** A block whose name is nearly change or rollback. */
    UNKNOWN_BLOCK,
    UNKNOWN_KEY,
    DUPLICATE_KEY,
    /** A required key is missing, or its value is. */
    MISSING,
    /** A mapping where a list is expected, and the like. */
    WRONG_TYPE,
    /** The right type, but not a value that is allowed. */
    BAD_VALUE,
    /** Part of the format, and not built yet. */
    NOT_YET,
    /** The SQL file cannot be had. */
    SOURCE,
    MISSING_AUTHOR,
    /** A placeholder of a template without a value. */
    MISSING_PARAMETER,
    /** A value for a placeholder that the template does not have. */
    UNUSED_PARAMETER,
    /** A migration file that is named like none. */
    BAD_FILE_NAME,
    /** Two migrations of one version. */
    DUPLICATE_VERSION,
    /** A rollback file without the migration it takes back. */
    ORPHAN_ROLLBACK,
    /** How many problems there are beyond those that are listed. */
    MORE;

    String wire() {
        return WireEnum.name(this);
    }
}
