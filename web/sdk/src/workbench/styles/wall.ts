/** The supervisors' wall. */
export const wall = `
`;
