'use strict'

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/**
 * The reverse, for the pages of this authority.
 *
 * @param {string} text
 */
function unescapeHtml(text) {
  const characters = new Map(Object.entries(ENTITIES).map(([character, entity]) => [entity, character]))
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => characters.get(entity) ?? entity)
}

module.exports = { escapeHtml, unescapeHtml }
